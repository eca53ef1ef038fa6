import Bridge
import Hummingbird
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Opens the small HTTP port: health, metrics, chat.
struct SidePort: Service {
    let settings: SidePortSettings
    let health: Health
    let metrics: PrometheusRegistry
    let chat: ChatRoutes
    let logger: Logger
    /// The port that was bound, once it is: with port 0 the system chooses.
    let bound = NIOLockedValueBox<Int?>(nil)

    func run() async throws {
        // Hummingbird reports every connection that a stop ends as an error.
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
        router.get("/health") { _, _ in
            let report = await health.report()
            return Response.json(report.json, status: report.state == .unhealthy ? .serviceUnavailable : .ok)
        }
        router.get("/health/live") { _, _ in Response.json(["status": "alive"]) }
        router.get("/health/ready") { _, _ in
            let state = health.readiness.state
            return Response.json(
                ["status": .string(state.rawValue)], status: state == .ready ? .ok : .serviceUnavailable)
        }
        let bearer = BearerMiddleware<BasicRequestContext>(token: settings.adminToken)
        let scrape: @Sendable (Request, BasicRequestContext) async throws -> Response = { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text())))
        }
        // Who can reach loopback may read the numbers; from elsewhere they need the token.
        if Loopback.isLoopback("http://\(settings.host)/") {
            router.get("/metrics", use: scrape)
        } else {
            router.group().add(middleware: bearer).get("/metrics", use: scrape)
        }
        router.group().add(middleware: bearer).post("/chat/ask") { request, _ in try await chat.ask(request) }
        return router
    }
}
