import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("The side port", .timeLimit(.minutes(10)))
struct SidePortScenarios {
    private func open(_ body: @escaping @Sendable (InProcessBot, SidePortClient) async throws -> Void) async throws {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops.replacing("[drop_index,", with: "[get_top_queries, drop_index,")
        plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
        try await InProcessBot.run(plan) { bot in
            try await body(bot, try SidePortClient(bot))
        }
    }

    @Test("requests without the token are refused, and unknown paths are not found")
    func token() async throws {
        try await open { _, sidePort in
            let paths = [
                "/admin/users", "/admin/mcps", "/admin/tools", "/admin/logs", "/admin/config", "/mcp/tools/servers",
                "/mcp/tools/list", "/mcp/tools/mcps/ops/tools", "/mcp/tools/health/ops",
            ]
            for path in paths {
                for token in [nil, "wrong"] {
                    let answer = try await sidePort.get(path, token: token)
                    #expect(answer.status == 401, "\(path)")
                }
            }
            for path in ["/chat", "/chat/ask", "/mcp/tools/call", "/admin/reload", "/admin/tools/refresh"] {
                let answer = try await sidePort.post(path, "{}", token: nil)
                #expect(answer.status == 401, "\(path)")
            }
            #expect(try await sidePort.get("/admin/nothing").status == 404)
        }
    }

    @Test("a user lists and calls only the tools that their role allows; each call is in the audit log")
    func tools() async throws {
        try await open { bot, sidePort in
            let (ana, ben) = ("user_id=ana@acme.example", "user_id=ben@acme.example")
            func names(_ query: String) async throws -> Set<String> {
                let list = try await sidePort.get("/mcp/tools/list?\(query)").body.array ?? []
                return Set(list.compactMap { $0["name"]?.string })
            }
            #expect(try await names(ana).contains("get_top_queries"))
            #expect(try await !names(ben).contains("get_top_queries"))
            #expect(try await names(ben).contains("list_deploys"))
            #expect(try await sidePort.get("/mcp/tools/list?user_id=").status == 400)
            let servers = try await sidePort.get("/mcp/tools/servers?\(ben)").body
            #expect(servers[0]?["name"]?.string == Policy.analyticsServer)
            #expect(servers[0]?["tools"] == 0)
            #expect(servers[1]?["name"] == "ops")
            let bens = try await names(ben).count
            #expect(servers[1]?["tools"]?.int == bens)
            let one = try await sidePort.get("/mcp/tools/mcps/ops/tools?\(ana)").body.array?.count
            let all = try await names(ana).count
            #expect(one == all)
            #expect(try await sidePort.get("/mcp/tools/mcps/none/tools?\(ana)").status == 404)
            #expect(try await sidePort.get("/mcp/tools/health/ops?\(ana)").body["status"] == "healthy")

            let call = #"{"user_id": "ana@acme.example", "server": "ops", "tool": "list_services", "arguments": {}}"#
            let called = try await sidePort.post("/mcp/tools/call", call)
            #expect(called.status == 200)
            #expect(called.body["success"] == true)
            #expect(called.body["result"]?["content"]?[0]?["text"]?.string?.contains("checkout") == true)
            let denied = try await sidePort.post(
                "/mcp/tools/call",
                #"{"user_id": "ben@acme.example", "server": "ops", "tool": "get_top_queries", "arguments": {}}"#)
            #expect(denied.status == 403)
            #expect(denied.body["error"]?["rule"]?.string?.contains("role_restrictions") == true)
            let rows = try await bot.audit()
            #expect(rows.map(\.requestType) == ["tool", "tool"])
            #expect(rows.map(\.wasBlocked) == [true, false], "the newest first")
            #expect(rows.map(\.userEmail) == ["ben@acme.example", "ana@acme.example"])
            let kept = try #require(ULID(rows[1].questionID ?? ""))
            #expect(try await bot.store.toolCalls(of: kept).map(\.outcome) == [.succeeded])
        }
    }

    @Test("without a user the admin token lists and calls tools as the administrator admin-token, and is recorded so")
    func adminToken() async throws {
        try await open { bot, sidePort in
            let list = try await sidePort.get("/mcp/tools/list")
            #expect(list.status == 200)
            #expect(list.body.array?.contains { $0["name"] == "get_top_queries" } == true)
            #expect(list.body.array?.contains { $0["mcp"]?.string == Policy.analyticsServer } == true)
            let servers = try await sidePort.get("/mcp/tools/servers")
            let ops = servers.body.array?.first { $0["name"] == "ops" }
            #expect(servers.status == 200 && (ops?["tools"]?.int ?? 0) > 0)
            let called = try await sidePort.post(
                "/mcp/tools/call", #"{"server": "ops", "tool": "list_services", "arguments": {}}"#)
            #expect(called.status == 200 && called.body["success"] == true)
            let empty = try await sidePort.post(
                "/mcp/tools/call", #"{"user_id": "", "server": "ops", "tool": "list_services"}"#)
            #expect(empty.status == 400)
            // A user of that name is not the administrator.
            let user = try await sidePort.get("/mcp/tools/list?user_id=admin-token").body.array
            #expect(user?.contains { $0["name"] == "get_top_queries" } == false)
            let row = try #require(try await bot.audit().first)
            #expect(row.userEmail == "admin-token" && row.requestType == "tool" && !row.wasBlocked)
        }
    }

    @Test("a call that cannot be made is refused with the reason")
    func badCalls() async throws {
        try await open { bot, sidePort in
            func status(_ body: String) async throws -> Int { try await sidePort.post("/mcp/tools/call", body).status }
            let who = #""user_id": "ana@acme.example""#
            #expect(try await status("{") == 400)
            #expect(try await status(#"{\#(who), "server": "ops"}"#) == 400)
            #expect(try await status(#"{\#(who), "server": "ops", "tool": "list_services", "arguments": 7}"#) == 400)
            #expect(try await status(#"{\#(who), "server": "ops", "tool": "no_such"}"#) == 404)
            #expect(try await status(#"{\#(who), "server": "none", "tool": "list_services"}"#) == 404)
            #expect(try await status(#"{\#(who), "server": "ops", "tool": "explain_query", "arguments": {}}"#) == 400)
            let key = [(name: "Idempotency-Key", value: "once")]
            let call = #"{\#(who), "server": "ops", "tool": "list_services"}"#
            #expect(try await sidePort.post("/mcp/tools/call", call, headers: key).status == 200)
            let again = try await sidePort.post("/mcp/tools/call", call, headers: key)
            #expect(again.status == 409)
            #expect(again.body["error"]?["message"]?.string?.contains("was asked before") == true)
            #expect(try await bot.audit().filter { $0.status == .success }.count == 1)
        }
    }

    @Test("a question for a Slack user is answered with that user's rights, in the original's JSON")
    func chat() async throws {
        try await open { bot, sidePort in
            let answer = try await sidePort.post(
                "/chat", #"{"question": "list the services", "slack_user_id": "U0ANA", "channel_id": "C0OPS"}"#)
            #expect(answer.status == 200)
            #expect(answer.body["success"] == true)
            #expect(answer.body["tool_called"] == "list_services")
            #expect(answer.body["mcp_source"] == "ops")
            #expect(answer.body["execution_time_ms"]?.int != nil)
            let row = try #require(try await bot.audit().first)
            #expect(row.userEmail == "ana@acme.example")
            #expect(row.slackUserID == "U0ANA")
            #expect(row.slackChannel == "C0OPS")
            #expect(try await sidePort.post("/chat", #"{"question": "x", "slack_user_id": "U0NOBODY"}"#).status == 403)
            #expect(try await sidePort.post("/chat", #"{"question": "x"}"#).status == 400)
        }
    }

    @Test("an administrator lists users page by page, and changes the role of a stored user")
    func users() async throws {
        try await open { bot, sidePort in
            for name in ["xena", "yuri", "zoe"] {
                _ = try await bot.store.add(SeenUser(email: "\(name)@acme.example", name: name, role: "read_only"))
            }
            let pages = try await sidePort.pages("/admin/users?limit=2")
            #expect(pages.map(\.count) == [2, 2, 2])
            let emails = pages.flatMap { $0 }.compactMap { $0["email"]?.string }
            #expect(emails == ["ana", "ben", "cleo", "xena", "yuri", "zoe"].map { "\($0)@acme.example" })
            #expect(try await sidePort.get("/admin/users?role=admin").body.array?.count == 1)
            #expect(
                try await sidePort.get("/admin/users?rol=admin").status == 400, "a misspelt filter must not show all")
            #expect(try await sidePort.get("/admin/users?limit=0").status == 400)

            let zoe = try #require(try await bot.store.user(email: "zoe@acme.example")?.id)
            let changed = try await sidePort.post("/admin/users/\(zoe)/role", #"{"role": "dba"}"#)
            #expect(changed.status == 200)
            #expect(changed.body["role"] == "dba")
            #expect(try await sidePort.post("/admin/users/\(zoe)/role", #"{"role": "king"}"#).status == 400)
            #expect(try await sidePort.post("/admin/users/nobody@acme.example/role", #"{"role": "dba"}"#).status == 404)
            let named = try await sidePort.post("/admin/users/ana@acme.example/role", #"{"role": "admin"}"#)
            #expect(named.status == 409)
            #expect(named.body["error"]?["message"]?.string?.contains("users.yaml:3") == true)
            let event = try #require(try await bot.store.adminEvents().first)
            #expect(event.action == "user.role")
            #expect(event.subject == "zoe@acme.example")
            #expect(event.detail["before"] == "read_only")
        }
    }

    @Test("an administrator pages through the audit log and filters it")
    func logs() async throws {
        try await open { bot, sidePort in
            for number in 1...5 {
                let who = number == 3 ? "ben" : "ana"
                let body = #"{"user_id": "\#(who)@acme.example", "message": "list the services \#(number)"}"#
                #expect(try await sidePort.post("/chat/ask", body).status == 200)
            }
            let pages = try await sidePort.pages("/admin/logs?limit=2")
            let messages = pages.flatMap { $0 }.compactMap { $0["message"]?.string }
            #expect(pages.map(\.count) == [2, 2, 1])
            #expect(messages == (1...5).reversed().map { "list the services \($0)" })
            #expect(try await sidePort.get("/admin/logs?user=ben@acme.example").body.array?.count == 1)
            #expect(try await sidePort.get("/admin/logs?status=error").body.array?.isEmpty == true)
            #expect(try await sidePort.get("/admin/logs?since=1h").body.array?.count == 5)
            #expect(try await sidePort.get("/admin/logs?until=1h").body.array?.isEmpty == true)
            for bad in ["status=nice", "since=yesterday", "limit=x", "before=0"] {
                #expect(try await sidePort.get("/admin/logs?\(bad)").status == 400, "\(bad)")
            }
        }
    }

    @Test("servers and tools are listed and refreshed; the configuration shows no secret")
    func servers() async throws {
        try await open { _, sidePort in
            let servers = try await sidePort.get("/admin/mcps").body
            #expect(servers[0]?["name"]?.string == Policy.analyticsServer)
            #expect(servers[1]?["name"] == "ops")
            #expect(servers[1]?["protocol"] == "stdio")
            #expect(servers[1]?["status"] == "healthy")
            let tools = try await sidePort.get("/admin/tools?mcp=ops").body.array ?? []
            #expect(tools.contains { $0["name"] == "drop_index" && $0["annotations"]?["destructive"] == true })
            #expect(try await sidePort.get("/admin/tools?mcp=none").body.array?.isEmpty == true)
            let refreshed = try await sidePort.post("/admin/tools/refresh?mcp=ops", "")
            #expect(refreshed.body["tools"]?.int == tools.count)
            #expect(try await sidePort.post("/admin/tools/refresh?mcp=none", "").status == 404)
            let config = try await sidePort.get("/admin/config").body
            #expect(config["generation"]?.int == 1)
            #expect(config["llm"]?["provider"] == "offline")
            #expect(config["app"]?["admin_token_set"] == true)
            let text = config.text()
            for secret in [SidePortClient.token, "xoxb-", "xapp-", "demo-mcp"] { #expect(!text.contains(secret)) }
        }
    }

    @Test(
        "the error text of a server is shown on a public address only to callers with the token",
        arguments: [("127.0.0.1", true), ("0.0.0.0", false)])
    func problems(host: String, isToldToAll: Bool) async throws {
        var plan = InProcessBot.Plan()
        plan.settings = "llm: {provider: offline}\napp: {port: 0, host: \(host)}\n"
        plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
        try await InProcessBot.run(plan) { bot in
            let (sidePort, registry) = (try SidePortClient(bot), bot.omni.app.registry)
            registry.add(BrokenServer(), displayName: "Broken")
            try await bot.until("the server is known as broken") {
                registry.statuses.contains { $0.state == .unhealthy }
            }
            for token in [nil, "wrong"] {
                let answer = try await sidePort.get("/health", token: token)
                #expect(answer.status == 200)
                #expect(answer.body["mcps"]?[0]?["status"] == "unhealthy")
                #expect(answer.body.text().contains("sesame") == isToldToAll)
            }
            let problem = try await sidePort.get("/health").body["mcps"]?[0]?["problem"]
            #expect(problem?.string?.contains("sesame") == true)
        }
    }
}

/// A tool source whose listing of tools fails.
private struct BrokenServer: ToolSource {
    let server = "broken"

    func listTools() async throws -> [ToolDefinition] {
        throw ToolCallError("its last words: sesame", mayHaveHappened: false)
    }

    func call(_ call: ToolCall) async throws -> ToolResult {
        throw ToolCallError("it is broken", mayHaveHappened: false)
    }
}
