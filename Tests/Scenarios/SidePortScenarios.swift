import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Over HTTP", .timeLimit(.minutes(10)))
struct SidePortScenarios {
    private func open(_ body: @escaping @Sendable (World, SideDoor) async throws -> Void) async throws {
        var plan = World.Plan()
        plan.mcps = AskingScenarios.ops.replacing("[drop_index,", with: "[get_top_queries, drop_index,")
        plan.environment["OMNI_ADMIN_TOKEN"] = SideDoor.token
        try await World.run(plan) { world in
            try await body(world, try SideDoor(world))
        }
    }

    @Test("nobody gets in without the token, and what does not exist is not found")
    func token() async throws {
        try await open { _, door in
            let paths = [
                "/admin/users", "/admin/mcps", "/admin/tools", "/admin/logs", "/admin/config", "/mcp/tools/servers",
                "/mcp/tools/list", "/mcp/tools/mcps/ops/tools", "/mcp/tools/health/ops",
            ]
            for path in paths {
                for token in [nil, "wrong"] {
                    let answer = try await door.get(path, token: token)
                    #expect(answer.status == 401, "\(path)")
                }
            }
            for path in ["/chat", "/chat/ask", "/mcp/tools/call", "/admin/reload", "/admin/tools/refresh"] {
                let answer = try await door.post(path, "{}", token: nil)
                #expect(answer.status == 401, "\(path)")
            }
            #expect(try await door.get("/admin/nothing").status == 404)
        }
    }

    @Test("somebody sees the tools that they may use, and calls those only; each call is in the record")
    func tools() async throws {
        try await open { world, door in
            let (ana, ben) = ("user_id=ana@acme.example", "user_id=ben@acme.example")
            func names(_ query: String) async throws -> Set<String> {
                let list = try await door.get("/mcp/tools/list?\(query)").body.array ?? []
                return Set(list.compactMap { $0["name"]?.string })
            }
            #expect(try await names(ana).contains("get_top_queries"))
            #expect(try await !names(ben).contains("get_top_queries"))
            #expect(try await names(ben).contains("list_deploys"))
            #expect(try await door.get("/mcp/tools/list").status == 400)
            let servers = try await door.get("/mcp/tools/servers?\(ben)").body
            #expect(servers[0]?["name"] == "ops")
            let bens = try await names(ben).count
            #expect(servers[0]?["tools"]?.int == bens)
            let one = try await door.get("/mcp/tools/mcps/ops/tools?\(ana)").body.array?.count
            let all = try await names(ana).count
            #expect(one == all)
            #expect(try await door.get("/mcp/tools/mcps/none/tools?\(ana)").status == 404)
            #expect(try await door.get("/mcp/tools/health/ops?\(ana)").body["status"] == "healthy")

            let call = #"{"user_id": "ana@acme.example", "server": "ops", "tool": "list_services", "arguments": {}}"#
            let called = try await door.post("/mcp/tools/call", call)
            #expect(called.status == 200)
            #expect(called.body["success"] == true)
            #expect(called.body["result"]?["content"]?[0]?["text"]?.string?.contains("checkout") == true)
            let denied = try await door.post(
                "/mcp/tools/call",
                #"{"user_id": "ben@acme.example", "server": "ops", "tool": "get_top_queries", "arguments": {}}"#)
            #expect(denied.status == 403)
            #expect(denied.body["error"]?["rule"]?.string?.contains("role_restrictions") == true)
            let rows = try await world.audit()
            #expect(rows.map(\.requestType) == ["tool", "tool"])
            #expect(rows.map(\.wasBlocked) == [true, false], "the newest first")
            #expect(rows.map(\.userEmail) == ["ben@acme.example", "ana@acme.example"])
            let kept = try #require(ULID(rows[1].questionID ?? ""))
            #expect(try await world.record.toolCalls(of: kept).map(\.outcome) == [.succeeded])
        }
    }

    @Test("a call that cannot be made says why")
    func badCalls() async throws {
        try await open { world, door in
            func status(_ body: String) async throws -> Int { try await door.post("/mcp/tools/call", body).status }
            let who = #""user_id": "ana@acme.example""#
            #expect(try await status("{") == 400)
            #expect(try await status(#"{\#(who), "server": "ops"}"#) == 400)
            #expect(try await status(#"{\#(who), "server": "ops", "tool": "list_services", "arguments": 7}"#) == 400)
            #expect(try await status(#"{\#(who), "server": "ops", "tool": "no_such"}"#) == 404)
            #expect(try await status(#"{\#(who), "server": "none", "tool": "list_services"}"#) == 404)
            #expect(try await status(#"{\#(who), "server": "ops", "tool": "explain_query", "arguments": {}}"#) == 400)
            let key = [(name: "Idempotency-Key", value: "once")]
            let call = #"{\#(who), "server": "ops", "tool": "list_services"}"#
            #expect(try await door.post("/mcp/tools/call", call, headers: key).status == 200)
            let again = try await door.post("/mcp/tools/call", call, headers: key)
            #expect(again.status == 409)
            #expect(again.body["error"]?["message"]?.string?.contains("was asked before") == true)
            #expect(try await world.audit().filter { $0.status == .success }.count == 1)
        }
    }

    @Test("a question for somebody of Slack is answered as them, in the original's shape")
    func chat() async throws {
        try await open { world, door in
            let answer = try await door.post(
                "/chat", #"{"question": "list the services", "slack_user_id": "U0ANA", "channel_id": "C0OPS"}"#)
            #expect(answer.status == 200)
            #expect(answer.body["success"] == true)
            #expect(answer.body["tool_called"] == "list_services")
            #expect(answer.body["mcp_source"] == "ops")
            #expect(answer.body["execution_time_ms"]?.int != nil)
            let row = try #require(try await world.audit().first)
            #expect(row.userEmail == "ana@acme.example")
            #expect(row.slackUserID == "U0ANA")
            #expect(row.slackChannel == "C0OPS")
            #expect(try await door.post("/chat", #"{"question": "x", "slack_user_id": "U0NOBODY"}"#).status == 403)
            #expect(try await door.post("/chat", #"{"question": "x"}"#).status == 400)
        }
    }

    @Test("an administrator lists people page by page, and gives those of the record another role")
    func users() async throws {
        try await open { world, door in
            for name in ["xena", "yuri", "zoe"] {
                _ = try await world.record.add(Sighting(email: "\(name)@acme.example", name: name, role: "read_only"))
            }
            let pages = try await door.pages("/admin/users?limit=2")
            #expect(pages.map(\.count) == [2, 2, 2])
            let emails = pages.flatMap { $0 }.compactMap { $0["email"]?.string }
            #expect(emails == ["ana", "ben", "cleo", "xena", "yuri", "zoe"].map { "\($0)@acme.example" })
            #expect(try await door.get("/admin/users?role=admin").body.array?.count == 1)
            #expect(try await door.get("/admin/users?rol=admin").status == 400, "a misspelt filter must not show all")
            #expect(try await door.get("/admin/users?limit=0").status == 400)

            let zoe = try #require(try await world.record.user(email: "zoe@acme.example")?.id)
            let changed = try await door.post("/admin/users/\(zoe)/role", #"{"role": "dba"}"#)
            #expect(changed.status == 200)
            #expect(changed.body["role"] == "dba")
            #expect(try await door.post("/admin/users/\(zoe)/role", #"{"role": "king"}"#).status == 400)
            #expect(try await door.post("/admin/users/nobody@acme.example/role", #"{"role": "dba"}"#).status == 404)
            let named = try await door.post("/admin/users/ana@acme.example/role", #"{"role": "admin"}"#)
            #expect(named.status == 409)
            #expect(named.body["error"]?["message"]?.string?.contains("users.yaml:3") == true)
            let event = try #require(try await world.record.adminEvents().first)
            #expect(event.action == "user.role")
            #expect(event.subject == "zoe@acme.example")
            #expect(event.detail["before"] == "read_only")
        }
    }

    @Test("an administrator pages through the record, and filters it")
    func logs() async throws {
        try await open { world, door in
            for number in 1...5 {
                let who = number == 3 ? "ben" : "ana"
                let body = #"{"user_id": "\#(who)@acme.example", "message": "list the services \#(number)"}"#
                #expect(try await door.post("/chat/ask", body).status == 200)
            }
            let pages = try await door.pages("/admin/logs?limit=2")
            let messages = pages.flatMap { $0 }.compactMap { $0["message"]?.string }
            #expect(pages.map(\.count) == [2, 2, 1])
            #expect(messages == (1...5).reversed().map { "list the services \($0)" })
            #expect(try await door.get("/admin/logs?user=ben@acme.example").body.array?.count == 1)
            #expect(try await door.get("/admin/logs?status=error").body.array?.isEmpty == true)
            #expect(try await door.get("/admin/logs?since=1h").body.array?.count == 5)
            #expect(try await door.get("/admin/logs?until=1h").body.array?.isEmpty == true)
            for bad in ["status=nice", "since=yesterday", "limit=x", "before=0"] {
                #expect(try await door.get("/admin/logs?\(bad)").status == 400, "\(bad)")
            }
        }
    }

    @Test("servers and tools are listed and looked at anew; the configuration shows no secret")
    func servers() async throws {
        try await open { _, door in
            let servers = try await door.get("/admin/mcps").body
            #expect(servers[0]?["name"] == "ops")
            #expect(servers[0]?["protocol"] == "stdio")
            #expect(servers[0]?["status"] == "healthy")
            let tools = try await door.get("/admin/tools?mcp=ops").body.array ?? []
            #expect(tools.contains { $0["name"] == "drop_index" && $0["annotations"]?["destructive"] == true })
            #expect(try await door.get("/admin/tools?mcp=none").body.array?.isEmpty == true)
            let refreshed = try await door.post("/admin/tools/refresh?mcp=ops", "")
            #expect(refreshed.body["tools"]?.int == tools.count)
            #expect(try await door.post("/admin/tools/refresh?mcp=none", "").status == 404)
            let config = try await door.get("/admin/config").body
            #expect(config["generation"]?.int == 1)
            #expect(config["llm"]?["provider"] == "offline")
            #expect(config["app"]?["admin_token_set"] == true)
            let text = config.text()
            for secret in [SideDoor.token, "xoxb-", "xapp-", "demo-mcp"] { #expect(!text.contains(secret)) }
        }
    }

    @Test(
        "what a broken server says of itself is told beyond this machine only to who has the token",
        arguments: [("127.0.0.1", true), ("0.0.0.0", false)])
    func problems(host: String, isToldToAll: Bool) async throws {
        var plan = World.Plan()
        plan.settings = "llm: {provider: offline}\napp: {port: 0, host: \(host)}\n"
        plan.environment["OMNI_ADMIN_TOKEN"] = SideDoor.token
        try await World.run(plan) { world in
            let (door, registry) = (try SideDoor(world), world.bot.house.registry)
            registry.add(BrokenServer(), displayName: "Broken")
            try await world.until("the server is known as broken") {
                registry.statuses.contains { $0.state == .unhealthy }
            }
            for token in [nil, "wrong"] {
                let answer = try await door.get("/health", token: token)
                #expect(answer.status == 200)
                #expect(answer.body["mcps"]?[0]?["status"] == "unhealthy")
                #expect(answer.body.text().contains("sesame") == isToldToAll)
            }
            let problem = try await door.get("/health").body["mcps"]?[0]?["problem"]
            #expect(problem?.string?.contains("sesame") == true)
        }
    }
}

/// A server that cannot be asked for its tools.
private struct BrokenServer: ToolSource {
    let server = "broken"

    func listTools() async throws -> [ToolDefinition] {
        throw ToolCallError("its last words: sesame", mayHaveHappened: false)
    }

    func callTool(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        throw ToolCallError("it is broken", mayHaveHappened: false)
    }
}

/// The side port of a running bot, for who has the token.
struct SideDoor: Sendable {
    static let token = "admin-token-of-the-test"

    struct Answer: Sendable {
        let status: Int
        let body: JSONValue
        /// The path of the next page.
        let next: String?
    }

    private let http: HTTPClient
    let base: String

    /// - Parameter http: a client that outlives the bot, for who is still waiting when it stops.
    init(_ world: World, over http: HTTPClient? = nil) throws {
        self.http = http ?? world.bot.house.http
        base = "http://127.0.0.1:\(try #require(world.bot.sidePort.bound.withLockedValue { $0 }))"
    }

    func get(_ path: String, token: String? = Self.token) async throws -> Answer {
        try await send("GET", path, nil, token, [])
    }

    func post(
        _ path: String, _ body: String, token: String? = Self.token, headers: [(name: String, value: String)] = []
    ) async throws -> Answer {
        try await send("POST", path, body, token, headers)
    }

    /// All pages, by the links that lead from one to the next.
    func pages(_ path: String) async throws -> [[JSONValue]] {
        var (pages, next): ([[JSONValue]], String?) = ([], path)
        while let path = next, pages.count < 20 {
            let answer = try await get(path)
            #expect(answer.status == 200)
            pages.append(answer.body.array ?? [])
            next = answer.next
        }
        return pages
    }

    private func send(
        _ method: String, _ path: String, _ body: String?, _ token: String?, _ more: [(name: String, value: String)]
    ) async throws -> Answer {
        var headers = more
        if let token { headers.append((name: "Authorization", value: "Bearer \(token)")) }
        if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        let response = try await http.send(
            HTTPRequest(method, base + path, headers: headers, body: body.map { Array($0.utf8) }))
        let bytes = try await response.collect(upTo: 1 << 22)
        let next = response.headers["Link"]?.firstMatch(of: #/<([^>]*)>; rel="next"/#)
        return Answer(
            status: response.status, body: (try? JSONValue(parsing: bytes)) ?? .null,
            next: next.map { String($0.output.1) })
    }
}
