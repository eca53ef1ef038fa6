import Bridge
import ServiceLifecycle
import TestKit
import Testing

@testable import SlackBot

@Suite("Requests to the side port", .timeLimit(.minutes(3)))
struct SidePortTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(
        "every route with a scope needs the token, and none admits anyone when no token is configured",
        arguments: [SidePortFixture.token, nil])
    func token(configured: String?) async throws {
        try await SidePortFixture.run(token: configured) { sidePort in
            let token = SidePortFixture.token
            var headers = [nil, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer \(token)x", "Basic \(token)", token]
            if configured == nil { headers.append("Bearer \(token)") }
            // On loopback no route needs a token for the scope monitor.
            let routes = sidePort.routes.filter { $0.scope != nil && $0.scope != .monitor }
            #expect(routes.count > 10)
            for header in headers {
                for route in routes {
                    let answer = try await sidePort.send(route, authorization: header)
                    #expect(answer.status == 401 && answer.code == "unauthorized", "\(route.path)")
                    #expect(!answer.message.contains(token))
                }
            }
            for path in ["/metrics", "/openapi.json", "/health/live"] {
                #expect(try await sidePort.get(path, authorization: nil).status == 200, "\(path)")
            }
            guard configured != nil else { return }
            #expect(try await sidePort.get("/admin/config", authorization: "bEARER \(token)").status == 200)
            #expect(try await sidePort.get("/admin/config", authorization: nil).headers["WWW-Authenticate"] == "Bearer")
        }
    }

    @Test("a caller without the token may read metrics on a loopback address only")
    func monitor() {
        let token = Secret(SidePortFixture.token)
        let (near, far) = (
            CallerMiddleware(token: token, isLocal: true), CallerMiddleware(token: token, isLocal: false)
        )
        for header in [nil, "Bearer wrong", SidePortFixture.token] {
            #expect(near.caller(authorization: header).scopes == [.monitor])
            #expect(far.caller(authorization: header).scopes.isEmpty)
        }
        let admin = far.caller(authorization: "Bearer \(SidePortFixture.token)")
        #expect(admin.scopes == Set(Caller.Scope.allCases))
        #expect(admin.principal == .adminTokenHolder)
        #expect(CallerMiddleware(token: Secret(""), isLocal: false).caller(authorization: "Bearer ").scopes.isEmpty)
    }

    @Test("a process that stops refuses every request that would start work")
    func draining() async throws {
        try await SidePortFixture.run { sidePort in
            let services = ServiceGroup(services: [sidePort.readiness], logger: SlackAPIDouble.logger)
            async let ended: Void = services.run()
            try await eventually("the process is ready") { sidePort.readiness.state == .ready }
            await services.triggerGracefulShutdown()
            try await ended
            for route in sidePort.routes where route.method != .get {
                let answer = try await sidePort.send(route)
                #expect(answer.status == 503 && answer.code == "draining", "\(route.path)")
                #expect(answer.headers["Retry-After"] == "5")
            }
            #expect(try await sidePort.get("/admin/config").status == 200)
        }
    }

    @Test(
        "a body that is not a JSON object is refused as such",
        arguments: ["", "{", "[]", "7", "null", "{} x", #"{"message": "a}"#])
    func notObjects(body: String) async throws {
        try await SidePortFixture.run { sidePort in
            for path in ["/chat/ask", "/chat", "/mcp/tools/call"] {
                let answer = try await sidePort.post(path, Self.bytes(body))
                #expect(answer.status == 400 && answer.code == "bad_request", "\(path)")
                #expect(answer.message.hasPrefix("The body must be a JSON object"))
                #expect(
                    answer.message.contains("not JSON:") == ((try? JSONValue(lenient: body)) == nil),
                    "\(answer.message)")
                #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
            }
        }
    }

    @Test("a body as other programs write it is read: a byte order mark, bytes that are no UTF-8, a comma too many")
    func lenientBodies() async throws {
        try await SidePortFixture.run { sidePort in
            let marked: [UInt8] = [0xEF, 0xBB, 0xBF]
            let latin1: [UInt8] = [0xE9, 0x22, 0x7D]
            for body in [
                marked + Self.bytes(#"{"message": ""}"#), Self.bytes(#"{"message": "", "x": "caf"#) + latin1,
                Self.bytes(#"{"message": "",}"#),
            ] {
                let answer = try await sidePort.post("/chat/ask", body)
                #expect(answer.message.contains("\"message\" must be a text that is not empty"), "\(answer.message)")
            }
        }
    }

    @Test("a field that is missing, of another type or empty is refused by its name")
    func fields() async throws {
        try await SidePortFixture.run { sidePort in
            let wrong = [
                "message": ["{}", #"{"message": 7}"#, #"{"message": null}"#, #"{"message": " "}"#],
                "user_id": [#"{"message": "a"}"#, #"{"message": "a", "user_id": {}}"#],
                "stream": [#"{"message": "a", "user_id": "a@acme.example", "stream": "yes"}"#],
                "conversation_id": [#"{"message": "a", "user_id": "a@acme.example", "conversation_id": [1]}"#],
            ]
            for (field, bodies) in wrong {
                for body in bodies {
                    let answer = try await sidePort.post("/chat/ask", Self.bytes(body))
                    #expect(answer.status == 400 && answer.code == "bad_request", "\(body)")
                    #expect(answer.message.contains("\"\(field)\""), "\(body): \(answer.message)")
                }
            }
            #expect(try await sidePort.app.store.unfinished().isEmpty)
        }
    }

    @Test("a body of 1 MiB is read, a longer one is refused as too large")
    func tooLarge() async throws {
        try await SidePortFixture.run { sidePort in
            let fits = Array(repeating: UInt8(ascii: " "), count: JSONBody.largest)
            #expect(try await sidePort.post("/chat/ask", fits).status == 400)
            let answer = try await sidePort.post("/chat/ask", fits + [0x20])
            #expect(answer.status == 413)
            #expect(answer.code == ErrorCode.tooLarge.rawValue)
        }
    }

    @Test("a misspelt parameter is refused, with the names that the route has")
    func parameters() async throws {
        try await SidePortFixture.run { sidePort in
            let routes = sidePort.routes.filter { $0.query != nil }
            #expect(routes.count > 10)
            for route in routes {
                let answer = try await sidePort.send(route, query: "?limt=1")
                #expect(answer.status == 400 && answer.code == "bad_request", "\(route.path)")
                #expect(answer.message.contains("\"limt\""), "\(route.path)")
            }
            #expect(try await sidePort.get("/admin/users?limt=1").message.contains("role, limit, after"))
            let nowhere = try await sidePort.get("/admin/nothing")
            #expect(nowhere.status == 404 && nowhere.code == "not_found")
        }
    }

    @Test("health names its parts to everybody; before the services run the process is not ready")
    func health() async throws {
        try await SidePortFixture.run { sidePort in
            let health = try await sidePort.get("/health", authorization: nil)
            #expect(health.status == 200)
            let parts: Set<String> = [
                "status", "version", "readiness", "uptime_seconds", "database", "model", "questions_in_flight", "mcps",
            ]
            #expect(Set(health.body.object?.keys.map { $0 } ?? []) == parts)
            #expect(health.body["status"] == "degraded", "its own tools are starting")
            #expect(health.body["readiness"] == "starting")
            #expect(health.body["database"]?["status"] == "healthy")
            #expect(health.body["model"] == "offline")
            #expect(health.body["questions_in_flight"]?.int == 0)
            #expect(health.body["mcps"]?.array?.compactMap { $0["name"]?.string } == [Policy.analyticsServer])
            let live = try await sidePort.get("/health/live", authorization: nil)
            #expect(live.status == 200 && live.body == ["status": "alive"])
            let ready = try await sidePort.get("/health/ready", authorization: nil)
            #expect(ready.status == 503 && ready.body == ["status": "starting"])
            await sidePort.app.store.close()
            let broken = try await sidePort.get("/health", authorization: nil)
            #expect(broken.status == 503 && broken.body["status"] == "unhealthy")
            #expect(broken.body["database"]?["status"] == "unhealthy")
        }
    }
}
