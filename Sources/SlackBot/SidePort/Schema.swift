import Bridge

/// JSON Schemas (2020-12) of the side port's bodies.
enum Schema {
    static let text: JSONValue = ["type": "string"]
    static let whole: JSONValue = ["type": "integer"]
    static let number: JSONValue = ["type": "number"]
    static let flag: JSONValue = ["type": "boolean"]
    static let anyObject: JSONValue = ["type": "object"]
    static let texts = list(text)

    static func whole(_ range: ClosedRange<Int>) -> JSONValue {
        ["type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound))]
    }

    static func optional(_ type: String) -> JSONValue { ["type": ["null", .string(type)]] }

    static func oneOf(_ texts: [String]) -> JSONValue { ["type": "string", "enum": .array(texts.map { .string($0) })] }

    static func list(_ element: JSONValue) -> JSONValue { ["type": "array", "items": element] }

    /// A schema of ``components``.
    static func named(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    /// An object. Members that it may have beside `members` are not described.
    static func object(_ members: KeyValuePairs<String, JSONValue>, required: [String] = []) -> JSONValue {
        var schema: JSONObject = [
            "type": "object", "properties": .object(JSONObject(uniqueKeysWithValues: members.map { ($0, $1) })),
        ]
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        return .object(schema)
    }

    /// The schemas that have a name.
    static let components: JSONObject = [
        "Error": error, "Status": object(["status": text], required: ["status"]), "Health": health, "Answer": answer,
        "Question": question,
        "CallResult": callResult, "Server": server, "Tool": tool, "Refresh": refresh, "User": user,
        "AuditRow": auditRow, "ReportDescription": reportDescription, "Reload": reload,
        "Configuration": configuration,
    ]

    private static let error = object(
        ["error": object(["code": text, "message": text, "rule": text, "id": text], required: ["code", "message"])],
        required: ["error"])

    private static let health = object(
        [
            "status": oneOf(["healthy", "degraded", "unhealthy"]), "version": text,
            "readiness": oneOf(["starting", "ready", "draining"]), "uptime_seconds": whole, "database": anyObject,
            "model": text, "questions_in_flight": whole, "slack": anyObject,
            "mcps": list(object(["name": text, "status": text, "tools": whole, "problem": text])),
        ], required: ["status", "mcps"])

    private static let answer = object(
        [
            "question_id": text, "success": flag, "answer": text, "warning": text, "error": anyObject,
            "tool_calls": whole, "tools_used": texts, "calls": list(anyObject), "iterations": whole,
            "tokens": object(["input": whole, "output": whole, "cached": whole, "cache_write": whole]),
            "cost": number, "duration_ms": whole, "tool_called": optional("string"),
            "mcp_source": optional("string"), "execution_time_ms": whole,
        ], required: ["success"])

    private static let question = object(
        [
            "question_id": text, "state": text, "user": text, "text": text, "asked_at": text,
            "finished_at": optional("string"), "success": flag, "answer": text, "warning": text, "error": anyObject,
            "tool_calls": whole, "tools_used": texts, "iterations": whole, "cost": number, "duration_ms": whole,
        ], required: ["question_id", "state"])

    /// `/admin/mcps` adds the configuration of the server.
    private static let server = object([
        "mcp": text, "name": text, "display_name": text, "status": text, "tools": whole,
        "problem": optional("string"), "description": text, "enabled": flag, "protocol": text, "url": text,
        "command": text, "authentication": flag, "timeout_seconds": number, "tags": texts,
    ])

    private static let callResult = object(
        [
            "success": flag, "server": text, "tool": text, "warning": text, "result": anyObject, "error": anyObject,
            "duration_ms": whole, "question_id": text,
        ], required: ["success", "server", "tool"])

    private static let tool = object([
        "mcp": text, "name": text, "title": optional("string"), "description": text, "input_schema": anyObject,
        "annotations": anyObject, "hash": text,
    ])

    private static let refresh = object(["status": text, "tools": whole, "mcps": list(named("Server"))])

    private static let user = object([
        "id": optional("integer"), "email": text, "name": text, "role": text, "slack_user_id": optional("string"),
        "is_active": flag, "is_super_admin": flag, "created_at": optional("string"), "source": text,
    ])

    private static let auditRow: JSONValue = [
        "type": "object", "properties": .object(JSONObject(uniqueKeysWithValues: AuditJSON.columns.map { ($0, [:]) })),
    ]

    private static let reportDescription = object(["name": text, "description": text, "parameters": anyObject])

    private static let reload = object([
        "status": oneOf(["applied", "unchanged", "rejected"]), "error": anyObject, "generation": whole,
        "digest": text, "changed": texts, "needs_restart": texts, "mcps": anyObject, "problems": texts,
    ])

    private static let configuration = object([
        "generation": whole, "digest": text, "last_reload": named("Reload"), "llm": anyObject, "app": anyObject,
        "database": anyObject, "logging": anyObject, "question": anyObject, "analytics": anyObject,
        "shutdown": anyObject, "mcps": list(anyObject), "roles": list(anyObject), "users": anyObject,
        "slack": anyObject,
    ])
}

extension KeyValuePairs<String, JSONValue> {
    /// A JSON body of that schema.
    static func json(_ schema: JSONValue) -> Self { ["application/json": schema] }
}
