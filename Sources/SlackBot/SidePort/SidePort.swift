import Bridge
import Hummingbird
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// The HTTP server of the side port: health, metrics, chat, tools, administration.
struct SidePort: Service {
    let settings: SidePortSettings
    let health: Health
    let metrics: PrometheusRegistry
    let chat: ChatRoutes
    let tools: ToolRoutes
    let admin: AdminRoutes
    let analytics: AnalyticsRoutes
    let logger: Logger
    /// The bound port, nil before: with port 0 the system chooses one.
    let bound = NIOLockedValueBox<Int?>(nil)

    func run() async throws {
        // Hummingbird logs each connection that a shutdown closes as an error.
        var quiet = logger
        quiet.logLevel = .critical
        let app = Application(
            router: router(),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port), serverName: "omni"),
            onServerRunning: { channel in
                let port = channel.localAddress?.port
                bound.withLockedValue { $0 = port }
                logger.info("The side port is open.", metadata: ["host": "\(settings.host)", "port": "\(port ?? 0)"])
            },
            logger: quiet)
        try await app.run()
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: FailureMiddleware(logger: logger))
        let bearer = BearerMiddleware<BasicRequestContext>(token: settings.adminToken)
        // On loopback, metrics and the problems of servers need no token; on other addresses they do.
        let isLocal = Loopback.isLoopback("http://\(settings.host)/")
        router.get("/health") { request, _ in
            let report = await health.report()
            return Response.json(
                report.json(tellsProblems: isLocal || bearer.admits(request)),
                status: report.state == .unhealthy ? .serviceUnavailable : .ok)
        }
        router.get("/health/live") { _, _ in Response.json(["status": "alive"]) }
        router.get("/health/ready") { _, _ in
            let state = health.readiness.state
            return Response.json(
                ["status": .string(state.rawValue)], status: state == .ready ? .ok : .serviceUnavailable)
        }
        let scrape: @Sendable (Request, BasicRequestContext) async throws -> Response = { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text())))
        }
        if isLocal {
            router.get("/metrics", use: scrape)
        } else {
            router.group().add(middleware: bearer).get("/metrics", use: scrape)
        }
        protected(router.group().add(middleware: bearer))
        return router
    }

    private func protected(_ routes: RouterGroup<BasicRequestContext>) {
        routes.post("/chat/ask") { request, _ in try await chat.ask(request) }
        routes.post("/chat") { request, _ in try await chat.chat(request) }
        routes.get("/mcp/tools/servers") { request, _ in try await tools.servers(request) }
        routes.get("/mcp/tools/list") { request, _ in try await tools.list(request) }
        routes.post("/mcp/tools/call") { request, _ in try await tools.call(request) }
        routes.get("/mcp/tools/mcps/:mcp/tools") { request, context in
            try await tools.list(request, server: context.part("mcp"))
        }
        routes.get("/mcp/tools/health/:mcp") { request, context in
            try await tools.health(request, server: context.part("mcp"))
        }
        routes.get("/admin/users") { request, _ in try await admin.users(request) }
        routes.post("/admin/users/:id/role") { request, context in
            try await admin.setRole(request, of: context.part("id"))
        }
        routes.get("/admin/mcps") { request, _ in try admin.servers(request) }
        routes.get("/admin/tools") { request, _ in try admin.tools(request) }
        routes.post("/admin/tools/refresh") { request, _ in try await admin.refresh(request) }
        routes.get("/admin/logs") { request, _ in try await admin.logs(request) }
        routes.get("/admin/analytics") { request, _ in try analytics.list(request) }
        routes.get("/admin/analytics/:name") { request, context in
            try await analytics.report(request, named: context.part("name"))
        }
        routes.post("/admin/reload") { request, _ in try await admin.reload(request) }
        routes.get("/admin/config") { request, _ in try admin.config(request) }
    }
}
