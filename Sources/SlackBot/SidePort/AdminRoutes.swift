import Analytics
import Bridge
import Hummingbird

/// `/admin/…`: users, servers, tools, the audit log and the configuration. All need the scope `admin`.
struct AdminRoutes: Sendable {
    let userAdministration: UserAdministration
    let registry: ToolRegistry
    let store: Store
    let reloader: Reloader
    let live: LiveSettings
    let storeKind: String

    private static let largestPage = 500

    var routes: [Route] { userRoutes + serverRoutes + processRoutes }

    private var userRoutes: [Route] {
        [
            Route(
                .get, "/admin/users", "listUsers", "All users of users.yaml or the store, by e-mail address.",
                scope: .admin,
                query: [
                    Route.Parameter("role", "Only users of this role."), Self.limit,
                    Route.Parameter("after", "Only users after this e-mail address."),
                ], response: .json(Schema.list(Schema.named("User"))), use: users),
            Route(
                .post, "/admin/users/{id}/role", "setRole",
                "Gives a user a role; 409 for users whom users.yaml names.", scope: .admin,
                body: Schema.object(["role": Schema.text], required: ["role"]),
                response: .json(Schema.named("User")), use: setRole),
            Route(
                .get, "/admin/logs", "listAuditLog", "The audit log, the newest first.", scope: .admin,
                query: [
                    Route.Parameter("user", "Only of this e-mail address."),
                    Route.Parameter("status", "Only of this status.", Schema.oneOf(["success", "warning", "error"])),
                    Route.Parameter("since", "A time, as \(Since.examples)."),
                    Route.Parameter("until", "A time, as since."), Self.limit,
                    Route.Parameter("before", "Only rows with a smaller id.", Schema.whole(1...Int.max)),
                ], response: .json(Schema.list(Schema.named("AuditRow"))), use: logs),
        ]
    }

    private var serverRoutes: [Route] {
        let mcp = Route.Parameter("mcp", "Only of this server.")
        return [
            Route(
                .get, "/admin/mcps", "listServersWithConfiguration", "The servers with state and configuration.",
                scope: .admin, query: [], response: .json(Schema.list(Schema.named("Server"))), use: servers),
            Route(
                .get, "/admin/tools", "listAllTools", "The tools of all servers.", scope: .admin, query: [mcp],
                response: .json(Schema.list(Schema.named("Tool"))), use: tools),
            Route(
                .post, "/admin/tools/refresh", "refreshTools", "Lists the tools of the servers again.", scope: .admin,
                query: [mcp], response: .json(Schema.named("Refresh")), use: refresh),
        ]
    }

    private var processRoutes: [Route] {
        [
            Route(
                .post, "/admin/reload", "reload", "Reads the configuration again; 422 with the problems.",
                scope: .admin, query: [], response: .json(Schema.named("Reload")), statuses: [200, 422], use: reload),
            Route(
                .get, "/admin/config", "configuration", "The settings in use without secrets, and the last reload.",
                scope: .admin, query: [], response: .json(Schema.named("Configuration")), use: config),
        ]
    }

    private static let limit = Route.Parameter("limit", "Size of a page; 100 if absent.", Schema.whole(1...largestPage))

    private func users(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let query = context.query
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

    private func setRole(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let who = context.part("id")
        let role = try await JSONBody(request).requiredText("role")
        do {
            guard let member = try await userAdministration.member(who) else {
                throw UserAdministration.Refused.unknown(who)
            }
            return .json(try await userAdministration.setRole(role, of: member.email, by: context.caller.actor).json)
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

    private func servers(_ request: Request, _ context: SidePortContext) -> Response {
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

    private func tools(_ request: Request, _ context: SidePortContext) -> Response {
        let server = context.query["mcp"]
        let tools = registry.catalogue.tools.filter { server == nil || $0.name.server == server }
        return .json(.array(tools.map(ToolRoutes.tool)))
    }

    private func refresh(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let server = context.query["mcp"]
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

    private func logs(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let query = context.query
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

    private func reload(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let outcome = await reloader.reload(by: context.caller.actor)
        return .json(outcome.json, status: outcome.state == .rejected ? .unprocessableContent : .ok)
    }

    private func config(_ request: Request, _ context: SidePortContext) -> Response {
        .json(
            ConfigJSON.settings(
                live.current, generation: live.generation, storeKind: storeKind, lastReload: reloader.last))
    }
}
