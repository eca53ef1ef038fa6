import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Questions in Slack", .timeLimit(.minutes(10)))
struct SlackQuestionScenarios {
    /// The demo's operations server as a child process, with rules by role.
    static var ops: String {
        """
        mcps:
          - name: ops
            protocol: stdio
            command: \(Program.omni)
            args: [demo-mcp]
            role_restrictions:
              read_only: {deny: [drop_index, kill_session, restart_service]}
              dba: {allow_all: true}
              admin: {allow_all: true}
        """
    }

    private var plan: InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.mcps = Self.ops
        return plan
    }

    @Test("a mention is answered in its thread, with the thread's history")
    func mention() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni Which deploys of checkout happened lately?")
            let answer = try await bot.answer(in: "#ops", root)
            #expect(answer.contains("ops.list_deploys"))
            #expect(bot.emulator.thread("#ops", root).count == 2)
            let row = try #require(try await bot.audit().first)
            #expect(row.userEmail == "ana@acme.example")
            #expect(row.toolsUsed == ["ops.list_deploys"])
            #expect(row.slackChannel == "C0OPS")
            #expect(row.slackUserID == "U0ANA")
            #expect(row.slackThreadTS == root)
            #expect(row.status == .success)
            #expect(row.durationMilliseconds > 0)
        }
    }

    @Test("a question is answered and stored on PostgreSQL as on the embedded store")
    func onPostgres() async throws {
        var plan = plan
        plan.environment["DATABASE_URL"] = try await PrivatePostgres.database()
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni Which deploys of checkout happened lately?")
            #expect(try await bot.answer(in: "#ops", root).contains("ops.list_deploys"))
            let row = try #require(try await bot.audit().first)
            #expect(row.userEmail == "ana@acme.example")
            #expect(row.toolsUsed == ["ops.list_deploys"])
            #expect(row.iterations == 2)
            #expect(row.slackUserID == "U0ANA")
            #expect(row.slackThreadTS == root)
            let followUp = try bot.emulator.say(as: "ana", in: "#ops", "@omni list all services", thread: root)
            let both = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                snapshot.thread("#ops", root).filter { $0.botID != nil && $0.text.contains("list_") }.count == 2
                    ? true : nil
            }
            #expect(both == true, "no answer to \(followUp)")
        }
    }

    @Test("a slash command is acknowledged in time, gets a parent message and the answer in its thread")
    func command() async throws {
        var plan = plan
        plan.emulator.timeouts.acknowledgement = .seconds(30)
        try await InProcessBot.run(plan) { bot in
            let root = try await bot.parent(in: "#ops") {
                let outcome = try await bot.emulator.command(
                    as: "ana", in: "#ops", "/omni", "What are the top 5 slowest queries?")
                #expect(outcome.wasAcknowledged)
            }
            #expect(try await bot.answer(in: "#ops", root).contains("ops.get_top_queries"))
            let parent = try #require(bot.emulator.thread("#ops", root).first)
            #expect(parent.text.contains("<@U0ANA> asked: What are the top 5 slowest queries?"))
        }
    }

    @Test("a direct message is answered in its thread; a forbidden call is refused with its reason and stored")
    func direct() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ben", in: "@ben", "Please drop the index idx_orders_created")
            let answer = try await bot.answer(in: "@ben", root)
            #expect(answer.contains("ops.drop_index"))
            #expect(answer.contains("may not"))
            let row = try #require(try await bot.audit().first)
            #expect(row.wasBlocked)
            #expect(row.blockReason?.contains("role_restrictions") == true)
            #expect(row.toolCallsCount == 0)
        }
    }

    @Test("help and status are ephemeral, and their content depends on the role")
    func helpAndStatus() async throws {
        try await InProcessBot.run(plan) { bot in
            _ = try await bot.emulator.command(as: "ben", in: "#ops", "/omni-help")
            let help = try await bot.ephemeral(to: "ben")
            #expect(help.contains("list_deploys"))
            #expect(!help.contains("drop_index"))
            _ = try await bot.emulator.command(as: "cleo", in: "#ops", "/omni-status")
            let status = try await bot.ephemeral(to: "cleo")
            #expect(status.contains("healthy"))
            #expect(status.contains("2 of 2 connections"))
            #expect(try await bot.audit().isEmpty)
        }
    }

    @Test("in a channel without Omni the answer is ephemeral, with a hint how to invite it")
    func uninvited() async throws {
        try await InProcessBot.run(plan) { bot in
            _ = try await bot.emulator.command(as: "ana", in: "#private-ops", "/omni", "list the services")
            let found = await bot.emulator.waitFor(within: .seconds(60)) {
                $0.ephemerals("ana").count >= 2 ? $0.ephemerals("ana") : nil
            }
            let texts = try #require(found).map { bot.emulator.messageText($0) }
            #expect(texts.first?.contains("/invite") == true)
            #expect(texts.last?.contains("ops.list_services") == true)
        }
    }

    @Test("an answer that Slack does not accept waits until it does, and is posted once")
    func noMessage() async throws {
        try await InProcessBot.run(plan) { bot in
            bot.emulator.inject(APIFault("chat.postMessage", .error("internal_error"), times: 5))
            let root = try await bot.parent(in: "#ops", within: .seconds(60)) {
                _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni", "list the services")
            }
            #expect(try await bot.answer(in: "#ops", root).contains("ops.list_services"))
            #expect(bot.emulator.thread("#ops", root).count == 2)
            #expect(try await bot.audit().map(\.status) == [.success])
        }
    }

    @Test("a guest is refused politely and gets no row among the users")
    func guest() async throws {
        try await InProcessBot.run(plan) { bot in
            _ = try bot.emulator.say(as: "gus", in: "#ops", "@omni what is slow?")
            #expect(try await bot.ephemeral(to: "gus").contains("full members"))
            #expect(try await bot.store.users().isEmpty)
        }
    }

    @Test("a user who is not in users.yaml gets the default role and a row")
    func newcomer() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "nils", in: "@nils", "which deploys were there?")
            _ = try await bot.answer(in: "@nils", root)
            let users = try await bot.store.users()
            #expect(users.map(\.email) == ["nils@acme.example"])
            #expect(users.first?.role == "read_only")
        }
    }

    @Test("a connection that Slack refreshes loses no question")
    func refresh() async throws {
        var plan = plan
        plan.emulator.timeouts.closeAfterNotice = .milliseconds(300)
        try await InProcessBot.run(plan) { bot in
            for number in 0..<3 {
                try #require(await bot.emulator.waitUntil(within: .seconds(60)) { $0.connections.live >= 2 })
                #expect(await bot.emulator.inflict(.refresh) >= 2)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list services, round \(number)")
                #expect(try await bot.answer(in: "#ops", root).contains("ops.list_services"))
            }
            #expect(try await bot.audit().count == 3)
        }
    }

    @Test("the questions of one thread are answered one after the other, those of other threads meanwhile")
    func order() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list services")
            for _ in 0..<3 { try bot.emulator.say(as: "ana", in: "#ops", "@omni list services", thread: root) }
            let all = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                let final = snapshot.thread("#ops", root).filter {
                    $0.botID != nil && !$0.text.hasPrefix(":hourglass_flowing_sand:")
                }
                return final.count == 4 ? true : nil
            }
            #expect(all == true)
            #expect(try await bot.audit().count == 4)
        }
    }

    @Test("the side port serves health, metrics and a question, the question only with the token")
    func sidePort() async throws {
        var plan = plan
        plan.environment["OMNI_ADMIN_TOKEN"] = "admin-token-of-the-test"
        try await InProcessBot.run(plan) { bot in
            let http = bot.omni.app.http
            let base = "http://127.0.0.1:\(try #require(bot.omni.sidePort.bound.withLockedValue { $0 }))"
            func get(_ path: String) async throws -> (Int, JSONValue?) {
                let response = try await http.send(HTTPClient.Request("GET", base + path))
                return (response.status, try? JSONValue(parsing: await response.collect(upTo: 1 << 20)))
            }
            let (status, health) = try await get("/health")
            #expect(status == 200)
            #expect(health?["status"]?.string == "healthy")
            let servers = health?["mcps"]?.array?.compactMap { $0["name"]?.string }
            #expect(servers == [Policy.analyticsServer, "ops"])
            #expect(try await get("/health/ready").0 == 200)
            #expect(try await get("/nothing").0 == 404)

            func ask(_ body: String, token: String?, stream: Bool = false) async throws -> (Int, String) {
                var headers = [(name: "Content-Type", value: "application/json")]
                if let token { headers.append((name: "Authorization", value: "Bearer \(token)")) }
                if stream { headers.append((name: "Accept", value: "text/event-stream")) }
                let response = try await http.send(
                    HTTPClient.Request("POST", base + "/chat/ask", headers: headers, body: Array(body.utf8)))
                return (response.status, String(decoding: try await response.collect(upTo: 1 << 20), as: UTF8.self))
            }
            let question = #"{"user_id":"ana@acme.example","message":"list the services"}"#
            #expect(try await ask(question, token: nil).0 == 401)
            #expect(try await ask(question, token: "wrong").0 == 401)
            let token = "admin-token-of-the-test"
            #expect(try await ask("{", token: token).0 == 400)
            #expect(try await ask(#"{"user_id":"ana@acme.example","message":7}"#, token: token).0 == 400)
            let (code, text) = try await ask(question, token: token)
            #expect(code == 200)
            let answer = try JSONValue(parsing: text)
            #expect(answer["success"]?.bool == true)
            #expect(answer["tools_used"]?[0]?.string == "ops.list_services")
            let (_, events) = try await ask(question, token: token, stream: true)
            #expect(events.contains("event: tool_finished"))
            #expect(events.contains("event: done"))
            _ = try await bot.store.add(SeenUser(email: "gone@acme.example", name: "Gone", role: "dba"))
            _ = try await bot.store.setActive(false, "gone@acme.example")
            let gone = try await ask(#"{"user_id":"gone@acme.example","message":"list the services"}"#, token: token)
            #expect(gone.0 == 403)
            let metrics = try await http.send(HTTPClient.Request("GET", base + "/metrics"))
            #expect(metrics.status == 200)
        }
    }
}
