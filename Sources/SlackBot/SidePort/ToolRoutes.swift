import Bridge
import Hummingbird

/// `/mcp/tools/…`: the tools that one user may call, and direct calls with the user's permissions.
struct ToolRoutes: Sendable {
    let questionService: QuestionService
    let registry: ToolRegistry
    let readiness: Readiness

    /// The place of an HTTP request, for the policy.
    static let place = Place(entryPoint: .http, isDirect: true)

    func servers(_ request: Request) async throws -> Response {
        let principal = try await principal(try QueryParameters(request, knowing: "user_id", "user_email"))
        let tools = allowed(principal)
        return .json(
            .array(
                registry.statuses.map { status in
                    var entry = Self.health(status)
                    entry["tools"] = .int(Int64(tools.count { $0.name.server == status.name }))
                    return .object(entry)
                }))
    }

    func list(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request, knowing: "user_id", "user_email", "mcp")
        let tools = allowed(try await principal(query))
        return .json(.array(tools.filter { query["mcp"] == nil || $0.name.server == query["mcp"] }.map(Self.tool)))
    }

    func list(_ request: Request, server: String) async throws -> Response {
        let principal = try await principal(try QueryParameters(request, knowing: "user_id", "user_email"))
        _ = try status(server)
        return .json(.array(allowed(principal).filter { $0.name.server == server }.map(Self.tool)))
    }

    func health(_ request: Request, server: String) async throws -> Response {
        _ = try await principal(try QueryParameters(request, knowing: "user_id", "user_email"))
        return .json(.object(Self.health(try status(server))))
    }

    func call(_ request: Request) async throws -> Response {
        try readiness.requireReady()
        let body = try await JSONBody(request)
        let tool = ToolName(server: try body.requiredText("server"), tool: try body.requiredText("tool"))
        let arguments = try body.object("arguments") ?? [:]
        let principal = try await principal(email: try body.text("user_id", atMost: JSONBody.longestEmail))
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
    private func principal(_ query: QueryParameters) async throws -> Principal {
        for name in ["user_id", "user_email"] where query.isEmpty(name) {
            throw HTTPFailure(.badRequest, .badRequest, "\"\(name)\" is empty: name the user, or leave it out.")
        }
        return try await principal(email: query["user_id"] ?? query["user_email"])
    }

    /// Without an e-mail address the caller is the administrator who holds the token.
    private func principal(email: String?) async throws -> Principal {
        guard let email else { return .adminTokenHolder }
        return try await questionService.principal(email: email)
    }

    private func allowed(_ principal: Principal) -> [ToolDefinition] {
        let policy = questionService.live.snapshot.policy
        return registry.catalogue.tools.filter { policy.verdict(for: principal, in: Self.place, on: $0).isAllowed }
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

extension Readiness {
    /// Throws ``HTTPFailure`` 503 while this process shuts down: it accepts no work then.
    func requireReady() throws {
        guard state == .draining else { return }
        throw HTTPFailure(.serviceUnavailable, .draining, "Omni is restarting. Try again.", retryAfter: 5)
    }
}
