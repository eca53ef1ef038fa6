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

    /// All routes.
    var routes: [Route] {
        let routes =
            HealthRoutes(health: health, metrics: metrics).routes + chat.routes + tools.routes + admin.routes
            + analytics.routes
        return routes + [OpenAPIDocument.route(describing: routes)]
    }

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

    private func router() -> Router<SidePortContext> {
        let router = Router(context: SidePortContext.self)
        let callers = CallerMiddleware(
            token: settings.adminToken, isLocal: Loopback.isLoopback("http://\(settings.host)/"))
        router.add(middleware: FailureMiddleware(logger: logger))
        router.add(middleware: callers)
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                if let scope = route.scope, !context.caller.scopes.contains(scope) { throw callers.refusal }
                if route.method != .get { try requireNotDraining() }
                var context = context
                if let query = route.query {
                    context.query = try QueryParameters(request, knowing: query.map(\.name))
                }
                return try await route.handler(request, context)
            }
        }
        return router
    }

    /// Throws ``HTTPFailure`` 503 while this process shuts down: it accepts no work then.
    private func requireNotDraining() throws {
        guard health.readiness.state == .draining else { return }
        throw HTTPFailure(.serviceUnavailable, .draining, "Omni is restarting. Try again.", retryAfter: 5)
    }
}
