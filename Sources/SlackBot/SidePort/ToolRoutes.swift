import Bridge
import Hummingbird

/// `/mcp/tools/…`: the tools that one user may call, and direct calls with the user's permissions.
struct ToolRoutes: Sendable {
    let questionService: QuestionService
    let registry: ToolRegistry

    /// The place of an HTTP request, for the policy.
    static let place = Place(entryPoint: .http, isDirect: true)

    var routes: [Route] {
        let user = [
            Route.Parameter("user_id", "E-mail address of the user whose permissions apply; without it the caller's."),
            Route.Parameter("user_email", "Another name of user_id."),
        ]
        let tools = Schema.list(Schema.named("Tool"))
        return [
            Route(
                .get, "/mcp/tools/servers", "listServers", "The servers, and how many tools the user may use.",
                scope: .tools, query: user, response: .json(Schema.list(Schema.named("Server"))), use: servers),
            Route(
                .get, "/mcp/tools/list", "listTools", "The tools that the user may use.", scope: .tools,
                query: user + [Route.Parameter("mcp", "Only of this server.")], response: .json(tools), use: list),
            Route(
                .get, "/mcp/tools/mcps/{mcp}/tools", "listToolsOfServer",
                "The tools of a server that the user may use.",
                scope: .tools, query: user, response: .json(tools), use: listOfServer),
            Route(
                .get, "/mcp/tools/health/{mcp}", "serverHealth", "The state of a server.", scope: .tools, query: user,
                response: .json(Schema.named("Server")), use: health),
            Route(
                .post, "/mcp/tools/call", "callTool", "Calls a tool; 403 with the rule when it is forbidden.",
                scope: .tools, headers: [.idempotencyKey],
                body: Schema.object(
                    [
                        "user_id": Schema.text, "server": Schema.text, "tool": Schema.text,
                        "arguments": Schema.anyObject,
                    ], required: ["server", "tool"]), response: .json(Schema.named("CallResult")), use: call),
        ]
    }

    private func servers(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let tools = allowed(try await principal(context))
        return .json(
            .array(
                registry.statuses.map { status in
                    var entry = Self.health(status)
                    entry["tools"] = .int(Int64(tools.count { $0.name.server == status.name }))
                    return .object(entry)
                }))
    }

    private func list(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let tools = allowed(try await principal(context))
        let server = context.query["mcp"]
        return .json(.array(tools.filter { server == nil || $0.name.server == server }.map(Self.tool)))
    }

    private func listOfServer(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let principal = try await principal(context)
        let server = context.part("mcp")
        _ = try status(server)
        return .json(.array(allowed(principal).filter { $0.name.server == server }.map(Self.tool)))
    }

    private func health(_ request: Request, _ context: SidePortContext) async throws -> Response {
        _ = try await principal(context)
        return .json(.object(Self.health(try status(context.part("mcp")))))
    }

    private func call(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let body = try await JSONBody(request)
        let tool = ToolName(server: try body.requiredText("server"), tool: try body.requiredText("tool"))
        let arguments = try body.object("arguments") ?? [:]
        let principal = try await principal(
            email: try body.text("user_id", atMost: JSONBody.longestEmail), context.caller)
        let key = try request.originKey(of: principal)
        let called = try await HTTPFailure.translating {
            try await questionService.call(
                tool, arguments: arguments, by: principal, in: Self.place, originKey: key, origin: request.origin)
        }
        return .json(AnswerJSON.body(called), status: Self.status(called))
    }

    /// A tool that returned an error was called: 200, with `success` false.
    private static func status(_ called: DirectCallResult) -> HTTPStatus {
        switch called.outcome {
        case .answered: .ok
        case .refused: .forbidden
        case .cancelled: .serviceUnavailable
        case .failed(let failure), .interrupted(let failure):
            switch failure.error.code {
            case .toolFailed where called.result != nil: .ok
            case .badRequest: .badRequest
            case .notFound: .notFound
            case .serverUnavailable, .storeUnavailable: .serviceUnavailable
            default: .badGateway
            }
        }
    }

    /// The admin token identifies no user, so the e-mail address in the query says whose permissions apply;
    /// `user_email` is the original's name for it.
    private func principal(_ context: SidePortContext) async throws -> Principal {
        let query = context.query
        for name in ["user_id", "user_email"] where query.isEmpty(name) {
            throw HTTPFailure(.badRequest, .badRequest, "\"\(name)\" is empty: name the user, or leave it out.")
        }
        return try await principal(email: query["user_id"] ?? query["user_email"], context.caller)
    }

    /// Without an e-mail address the caller acts as itself.
    private func principal(email: String?, _ caller: Caller) async throws -> Principal {
        if let email { return try await questionService.users.principal(email: email) }
        guard let principal = caller.principal else {
            throw HTTPFailure(.badRequest, .badRequest, "\"user_id\" is needed.")
        }
        return principal
    }

    private func allowed(_ principal: Principal) -> [ToolDefinition] {
        ToolAccess(of: principal, in: Self.place, questionService.live.snapshot.policy, registry.catalogue).allowed
    }

    private func status(_ server: String) throws -> ServerStatus {
        guard let status = registry.statuses.first(where: { $0.name == server }) else {
            throw HTTPFailure(.notFound, .notFound, "There is no server \(server.prefix(60)).")
        }
        return status
    }

    /// The state of a server, without its configuration.
    static func health(_ status: ServerStatus) -> JSONObject {
        [
            "mcp": .string(status.name), "name": .string(status.name), "display_name": .string(status.displayName),
            "status": .string(status.state.rawValue), "tools": .int(Int64(status.tools)),
            "problem": status.problem.map { .string($0) } ?? .null,
        ]
    }

    /// A tool's definition as JSON.
    static func tool(_ tool: ToolDefinition) -> JSONValue {
        func hint(_ hint: Bool?) -> JSONValue { hint.map { .bool($0) } ?? .null }
        let hints = tool.annotations
        return [
            "mcp": .string(tool.name.server), "name": .string(tool.name.tool),
            "title": tool.title.map { .string($0) } ?? .null, "description": .string(tool.description),
            "input_schema": tool.inputSchema,
            "annotations": [
                "read_only": hint(hints.readOnly), "destructive": hint(hints.destructive),
                "idempotent": hint(hints.idempotent), "open_world": hint(hints.openWorld),
            ],
            "hash": .string(tool.definitionHash),
        ]
    }
}
