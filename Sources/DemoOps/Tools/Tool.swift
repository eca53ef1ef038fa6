import Bridge
import OrderedCollections

/// A tool of the shop: what clients are told, and what it does.
struct Tool: Sendable {
    /// What a call does to the shop; the honest source of the annotations.
    enum Effect: Sendable {
        case reads
        /// Changes the shop in a way that may hurt; `again` tells whether a second call changes nothing more.
        case destroys(again: Bool)
    }

    let name: String
    let title: String
    let description: String
    let parameters: [Parameter]
    let effect: Effect
    let run: @Sendable (Look) throws -> Answer

    init(
        _ name: String, _ title: String, _ description: String, _ parameters: [Parameter] = [],
        effect: Effect = .reads, run: @escaping @Sendable (Look) throws -> Answer
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.parameters = parameters
        self.effect = effect
        self.run = run
    }

    func definition(server: String) -> ToolDefinition {
        let annotations =
            switch effect {
            case .reads: ToolAnnotations(readOnly: true, destructive: false, idempotent: true, openWorld: false)
            case .destroys(let again):
                ToolAnnotations(readOnly: false, destructive: true, idempotent: again, openWorld: false)
            }
        let required = parameters.filter(\.isRequired).map { JSONValue.string($0.name) }
        var schema: JSONObject = [
            "type": "object",
            "properties": .object(
                JSONObject(parameters.map { ($0.name, $0.schema) }, uniquingKeysWith: { $1 })),
            "additionalProperties": false,
        ]
        if !required.isEmpty { schema["required"] = .array(required) }
        return ToolDefinition(
            name: ToolName(server: server, tool: name), title: title, description: description,
            inputSchema: .object(schema), annotations: annotations)
    }
}

/// A parameter with its JSON Schema.
struct Parameter: Sendable {
    let name: String
    let schema: JSONValue
    var isRequired = false

    /// This parameter as one that must be given.
    var required: Parameter { Parameter(name: name, schema: schema, isRequired: true) }

    static func text(_ name: String, _ description: String) -> Parameter {
        Parameter(
            name: name,
            schema: ["type": "string", "description": .string(description), "minLength": 1, "maxLength": 200])
    }

    static func number(
        _ name: String, _ description: String, default fallback: Int? = nil, _ bounds: ClosedRange<Int>
    ) -> Parameter {
        var schema: JSONObject = [
            "type": "integer", "description": .string(description), "minimum": .int(Int64(bounds.lowerBound)),
            "maximum": .int(Int64(bounds.upperBound)),
        ]
        schema["default"] = fallback.map { .int(Int64($0)) }
        return Parameter(name: name, schema: .object(schema))
    }

    static func choice(
        _ name: String, _ description: String, _ values: [String], default fallback: String? = nil
    ) -> Parameter {
        var schema: JSONObject = [
            "type": "string", "description": .string(description), "enum": .array(values.map { .string($0) }),
        ]
        schema["default"] = fallback.map { .string($0) }
        return Parameter(name: name, schema: .object(schema))
    }

    static let service = choice("service", "Only this service; all when left out.", ShopService.names)
    static let database = choice("database", "Only this database; both when left out.", ["shop", "warehouse"])

    static func limit(_ fallback: Int, most: Int = 100) -> Parameter {
        number("limit", "How many rows to return at most.", default: fallback, 1...most)
    }
}
