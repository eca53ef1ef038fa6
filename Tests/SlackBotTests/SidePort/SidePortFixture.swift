import Analytics
import Bridge
import Foundation
import ServiceLifecycle
import Testing

@testable import SlackBot

/// A side port over an ``AppFixture``, and a client of it. Nothing else of the process runs, and Slack is not there.
struct SidePortFixture: Sendable {
    /// A response of the side port.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPClient.Headers
        let body: JSONValue
        /// `error.code` and `error.message` of the body.
        var code: String? { body["error"]?["code"]?.string }
        var message: String { body["error"]?["message"]?.string ?? "" }
    }

    private struct NotOpen: Error {}

    static let token = "token-of-the-test"

    let app: App
    let readiness: Readiness
    let routes: [Route]
    private let base: String

    /// Runs the side port for the duration of `body`.
    ///
    /// - Parameter token: the configured token; nil: none is configured.
    static func run(
        token: String? = Self.token, _ body: @escaping @Sendable (SidePortFixture) async throws -> Void
    ) async throws {
        try await AppFixture.run(token: token) { fixture in
            let readiness = Readiness()
            let service = sidePort(fixture, readiness)
            let services = ServiceGroup(services: [service], logger: SlackAPIDouble.logger)
            let app = fixture.app
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                let result = await Result<Void, any Error> {
                    let number = try await port(of: service)
                    try await body(
                        SidePortFixture(
                            app: app, readiness: readiness, routes: service.routes, base: "http://127.0.0.1:\(number)"))
                }
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
                try result.get()
            }
        }
    }

    private static func sidePort(_ fixture: AppFixture, _ readiness: Readiness) -> SidePort {
        let app = fixture.app
        let unused = Secret("unused")
        let api = SlackAPI(
            baseURL: "http://127.0.0.1:1/api/", botToken: unused, appToken: unused, http: app.http, logger: app.logger)
        let (installation, directory) = (Installation(api: api), SlackDirectory(api: api))
        let resolver = PrincipalResolver(
            directory: directory, live: app.live, store: app.store, installation: installation, logger: app.logger)
        let health = Health(
            registry: app.registry, store: app.store, storeKind: app.storeKind, live: app.live, sockets: nil,
            readiness: readiness, inFlight: { app.inFlight.count })
        return SidePort(
            settings: app.live.current.sidePort, health: health, metrics: PrometheusRegistry(),
            chat: ChatRoutes(
                questionService: app.questionService, resolver: resolver, installation: installation,
                directory: directory),
            tools: ToolRoutes(questionService: app.questionService, registry: app.registry),
            admin: AdminRoutes(
                userAdministration: UserAdministration(store: app.store, live: app.live), registry: app.registry,
                store: app.store, reloader: fixture.reloader(), live: app.live, storeKind: app.storeKind),
            analytics: AnalyticsRoutes(store: app.store), logger: app.logger)
    }

    private static func port(of sidePort: SidePort) async throws -> Int {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let port = sidePort.bound.withLockedValue({ $0 }) { return port }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw NotOpen()
    }

    func get(_ path: String, authorization: String? = "Bearer \(Self.token)") async throws -> Answer {
        try await send("GET", path, nil, authorization)
    }

    func post(
        _ path: String, _ body: [UInt8], authorization: String? = "Bearer \(Self.token)"
    ) async throws -> Answer {
        try await send("POST", path, body, authorization)
    }

    /// Sends a request to a route, with `{}` as the body if it is no GET, and `a` for each part of the path.
    func send(
        _ route: Route, query: String = "", authorization: String? = "Bearer \(Self.token)"
    ) async throws -> Answer {
        let path = route.path.replacing(#/\{\w+\}/#, with: "a") + query
        return try await send(route.method.rawValue, path, route.method == .get ? nil : Array("{}".utf8), authorization)
    }

    private func send(
        _ method: String, _ path: String, _ body: [UInt8]?, _ authorization: String?
    ) async throws -> Answer {
        var headers: [(name: String, value: String)] = []
        if let authorization { headers.append((name: "Authorization", value: authorization)) }
        let response = try await app.http.send(
            HTTPClient.Request(method, base + path, headers: headers, body: body))
        let bytes = try await response.collect(upTo: 1 << 20)
        return Answer(
            status: response.status, headers: response.headers, body: (try? JSONValue(parsing: bytes)) ?? .null)
    }
}
