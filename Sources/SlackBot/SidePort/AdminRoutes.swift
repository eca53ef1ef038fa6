import Analytics
import Bridge
import Hummingbird

/// `/admin/…`: users, servers, tools, the audit log and the configuration. ``BearerMiddleware`` admits callers with the
/// admin token only.
struct AdminRoutes: Sendable {
    let userAdministration: UserAdministration
    let registry: ToolRegistry
    let store: Store
    let reloader: Reloader
    let live: LiveSettings
    let storeKind: String
    let readiness: Readiness

    /// The actor of these requests in the audit log of administrative actions.
    static let actor = "admin token"
    private static let largestPage = 500

    func users(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request, knowing: "role", "limit", "after")
        let limit = try query.int("limit", in: 1...Self.largestPage) ?? 100
        let after = query["after"].map(ConfiguredUsers.normalised)
        let members = try await userAdministration.members().filter { member in
            (query["role"] == nil || member.role == query["role"]) && (after.map { member.email > $0 } ?? true)
        }
        let page = members.prefix(limit)
        let next = page.count < members.count ? page.last?.email : nil
        return .json(
            .array(page.map(\.json)), headers: next.map { query.next("/admin/users", ("after", $0)) } ?? [:])
    }

    func setRole(_ request: Request, of who: String) async throws -> Response {
        try readiness.requireReady()
        let role = try await JSONBody(request).requiredText("role")
        do {
            guard let member = try await userAdministration.member(who) else {
                throw UserAdministration.Refused.unknown(who)
            }
            return .json(try await userAdministration.setRole(role, of: member.email, by: Self.actor).json)
        } catch let refused as UserAdministration.Refused {
            throw Self.failure(refused)
        }
    }

    private static func failure(_ refused: UserAdministration.Refused) -> HTTPFailure {
        let message = "\(refused)".prefix(300)
        return switch refused {
        case .undeclared: HTTPFailure(.badRequest, .badRequest, "\(message).")
        case .named, .taken: HTTPFailure(.conflict, .badRequest, "\(message).")
        case .unknown: HTTPFailure(.notFound, .notFound, "\(message).")
        }
    }

    func servers(_ request: Request) throws -> Response {
        _ = try QueryParameters(request)
        let configured = Dictionary(
            live.current.servers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return .json(
            .array(
                registry.statuses.map { status in
                    var entry = ToolRoutes.health(status)
                    if let server = configured[status.name] {
                        entry.merge(ConfigJSON.server(server)) { first, _ in first }
                    }
                    return .object(entry)
                }))
    }

    func tools(_ request: Request) throws -> Response {
        let query = try QueryParameters(request, knowing: "mcp")
        let tools = registry.catalogue.tools.filter { query["mcp"] == nil || $0.name.server == query["mcp"] }
        return .json(.array(tools.map(ToolRoutes.tool)))
    }

    func refresh(_ request: Request) async throws -> Response {
        try readiness.requireReady()
        let server = try QueryParameters(request, knowing: "mcp")["mcp"]
        guard server == nil || registry.statuses.contains(where: { $0.name == server }) else {
            throw HTTPFailure(.notFound, .notFound, "There is no server \(server?.prefix(60) ?? "").")
        }
        await registry.refresh(server)
        let statuses = registry.statuses.filter { server == nil || $0.name == server }
        return .json(
            [
                "status": "refreshed", "tools": .int(Int64(statuses.reduce(0) { $0 + $1.tools })),
                "mcps": .array(statuses.map { .object(ToolRoutes.health($0)) }),
            ])
    }

    func logs(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request, knowing: "user", "status", "since", "until", "limit", "before")
        let limit = try query.int("limit", in: 1...Self.largestPage) ?? 100
        let before = try query.int("before", in: 1...Int.max)
        var filter = AuditFilter(user: query["user"], since: try query.date("since"), until: try query.date("until"))
        if let text = query["status"] {
            guard let status = AuditRow.Status(rawValue: text) else {
                throw HTTPFailure(.badRequest, .badRequest, "\"status\" must be success, warning or error.")
            }
            filter.status = status
        }
        // One row more than a page shows whether there is a next page.
        let rows = try await store.auditPage(filter, before: before.map(Int64.init), limit: limit + 1)
        let page = rows.prefix(limit)
        let next = page.count < rows.count ? page.last?.id : nil
        return .json(
            .array(page.map { .object(AuditJSON.row($0)) }),
            headers: next.map { query.next("/admin/logs", ("before", "\($0)")) } ?? [:])
    }

    func reload(_ request: Request) async throws -> Response {
        try readiness.requireReady()
        _ = try QueryParameters(request)
        let outcome = await reloader.reload(by: Self.actor)
        return .json(outcome.json, status: outcome.state == .rejected ? .unprocessableContent : .ok)
    }

    func config(_ request: Request) throws -> Response {
        _ = try QueryParameters(request)
        return .json(
            ConfigJSON.settings(
                live.current, generation: live.generation, storeKind: storeKind, lastReload: reloader.last))
    }
}
