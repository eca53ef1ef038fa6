import Bridge
import Hummingbird

/// `/health…` and `/metrics`, for supervisors and monitoring systems.
struct HealthRoutes: Sendable {
    let health: Health
    let metrics: PrometheusRegistry

    var routes: [Route] {
        [
            Route(
                .get, "/health", "health", "The state of all components; 503 when no question can be answered.",
                scope: nil, response: .json(Schema.named("Health")), statuses: [200, 503], use: report),
            Route(
                .get, "/health/live", "live", "200 while the process runs.", scope: nil,
                response: .json(Schema.named("Status"))
            ) { _, _ in .json(["status": "alive"]) },
            Route(
                .get, "/health/ready", "ready", "503 while the process starts or stops.", scope: nil,
                response: .json(Schema.named("Status")), statuses: [200, 503], use: ready),
            Route(
                .get, "/metrics", "metrics", "Metrics in Prometheus' text format; on loopback without a token.",
                scope: .monitor, response: ["text/plain": Schema.text], use: scrape),
        ]
    }

    private func report(_ request: Request, _ context: SidePortContext) async -> Response {
        let report = await health.report()
        return .json(
            report.json(tellsProblems: context.caller.scopes.contains(.monitor)),
            status: report.state == .unhealthy ? .serviceUnavailable : .ok)
    }

    private func ready(_ request: Request, _ context: SidePortContext) -> Response {
        let state = health.readiness.state
        return .json(["status": .string(state.rawValue)], status: state == .ready ? .ok : .serviceUnavailable)
    }

    private func scrape(_ request: Request, _ context: SidePortContext) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text())))
    }
}
