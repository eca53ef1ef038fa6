import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("A question with Anthropic's model", .timeLimit(.minutes(10)))
struct ModelScenarios {
    @Test("a conversation of two model turns with tools is answered, stored and priced")
    func twoRounds() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.mcps = SlackQuestionScenarios.ops
            try await InProcessBot.run(plan) { bot in
                try await model.script(
                    [
                        "text": "Looking.",
                        "calls": [
                            ["name": "ops__list_services", "input": [:]],
                            ["name": "ops__list_incidents", "input": [:]],
                        ],
                    ],
                    ["text": "**checkout** is slow since this morning."], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni why is checkout slow?")
                let answer = try await bot.answer(in: "#ops", root)
                #expect(answer.contains("checkout"))
                #expect(!answer.contains("Looking."))
                let row = try #require(try await bot.audit().first)
                #expect(row.iterations == 2)
                #expect(row.toolsUsed == ["ops.list_services", "ops.list_incidents"])
                #expect(row.tokensOutput > 0)
                #expect(row.cost > .zero)
                #expect(row.model == "claude-sonnet-5-5")
                #expect(row.priceKnown)
                let requests = try await model.journal(in: bot)
                #expect(requests.count == 2)
                #expect(requests.allSatisfy { $0["status"]?.int == 200 })
            }
        }
    }

    @Test("while the answer is written the thread shows its tools and its text, and in the end the answer alone")
    func whileItIsWritten() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.mcps = SlackQuestionScenarios.ops
            try await InProcessBot.run(plan) { bot in
                let text = "**checkout** is slow since this morning, because of a lost index on its orders."
                try await model.script(
                    ["calls": [["name": "ops__list_services", "input": [:]]]],
                    ["text": .string(text), "pause": 8, "after_events": 4], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni why is checkout slow?")
                let half = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                    snapshot.thread("#ops", root).first { message in
                        message.text.hasPrefix(":hourglass") && message.blocks.contains { $0["type"] == "markdown" }
                    }
                }
                let shown = try #require(half, "no words before the end")
                #expect(shown.text.contains("ops.list_services"))
                let words = shown.blocks.first { $0["type"] == "markdown" }?["text"]?.string ?? ""
                #expect(text.hasPrefix(words) && words.count < text.count, "\(words)")
                #expect(try await bot.answer(in: "#ops", root).contains(text))
                #expect(bot.emulator.thread("#ops", root).filter { $0.botID != nil }.map(\.ts) == [shown.ts])
            }
        }
    }

    @Test("a reader is not offered drop_index; a model that calls it anyway gets a refusal, stored with its rule")
    func namedAnyway() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.mcps = SlackQuestionScenarios.ops
            try await InProcessBot.run(plan) { bot in
                try await model.script(
                    ["calls": [["name": "ops__drop_index", "input": ["index": "idx_orders_created"]]]],
                    ["text": "I may not drop indexes for you."], in: bot)
                let root = try bot.emulator.say(as: "ben", in: "#ops", "@omni drop idx_orders_created")
                #expect(try await bot.answer(in: "#ops", root).contains("may not"))
                let requests = try await model.journal(in: bot)
                let offered = requests.flatMap { $0["body"]?["tools"]?.array ?? [] }.compactMap { $0["name"]?.string }
                #expect(offered.contains("ops__list_deploys"))
                #expect(!offered.contains("ops__drop_index"))
                let result = requests.last?["body"]?["messages"]?.array?.last?["content"]?[0]
                #expect(result?["is_error"]?.bool == true)
                let row = try #require(try await bot.audit().first)
                #expect(row.toolsUsed.isEmpty)
                let calls = try await bot.store.toolCalls(of: try #require(row.questionID.flatMap { ULID($0) }))
                let call = try #require(calls.first)
                #expect(call.name.tool == "drop_index")
                #expect(call.decision == .deny)
                #expect(call.rule?.contains("role_restrictions") == true)
            }
        }
    }

    @Test(
        "a fault of the provider is retried or explained in plain words",
        arguments: [
            (#"{"fault":"rate_limit","retry_after":0}"#, "Here you are"),
            (#"{"fault":"overloaded"}"#, "Here you are"),
            (#"{"text":"Half an ans","fault":"error_event","after_events":4}"#, "Here you are"),
            (#"{"text":"Half an ans","fault":"truncate","after_events":4}"#, "Here you are"),
            (#"{"fault":"spend_limit"}"#, "E-"),
        ])
    func faults(reply: String, shown: String) async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(model.plan) { bot in
                try await model.script(
                    try JSONValue(parsing: reply), ["text": "Here you are."], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni hello there")
                let answer = try await bot.answer(in: "#ops", root)
                #expect(answer.contains(shown), "\(answer)")
                #expect(!answer.contains("Half"))
                #expect(try await bot.audit().count == 1)
            }
        }
    }

    @Test("a provider fault between two model turns does not run a tool twice")
    func onceOnly() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.mcps = SlackQuestionScenarios.ops
            try await InProcessBot.run(plan) { bot in
                try await model.script(
                    ["calls": [["name": "ops__list_services", "input": [:]]]], ["fault": "overloaded"],
                    ["text": "Twelve serv", "fault": "truncate", "after_events": 4], ["text": "Twelve services run."],
                    in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how many services are there?")
                #expect(try await bot.answer(in: "#ops", root).contains("Twelve services run."))
                let row = try #require(try await bot.audit().first)
                let calls = try await bot.store.toolCalls(of: try #require(row.questionID.flatMap { ULID($0) }))
                #expect(calls.count == 1)
                #expect(row.iterations == 2)
            }
        }
    }

    @Test("real MCP servers: a stdio server from PyPI and one over HTTP answer a question in Slack")
    func realServers() async throws {
        let server = try await PeerProcess.python("mcp_http_server.py")
        try await ModelDouble.run(ops: true) { model in
            var plan = model.plan
            plan.mcps = """
                mcps:
                  - name: time
                    protocol: stdio
                    command: \(Repository.python.path())
                    args: [-m, mcp_server_time]
                    connect_timeout_seconds: 60
                  - name: lab
                    protocol: http
                    url: http://127.0.0.1:\(server.port)/mcp
                    connect_timeout_seconds: 60
                """
            try await InProcessBot.run(plan) { bot in
                let root = try bot.emulator.say(
                    as: "ana", in: "#ops", "@omni what is the current time in \"Europe/Berlin\"?")
                let answer = try await bot.answer(in: "#ops", root)
                let row = try #require(try await bot.audit().first)
                #expect(row.toolsUsed == ["time.get_current_time"], "\(answer)")
                let sum = try bot.emulator.say(as: "ana", in: "#ops", "@omni please add the numbers 19, 23")
                #expect(try await bot.answer(in: "#ops", sum).contains("42"))
                #expect(try await bot.audit().first?.toolsUsed == ["lab.add"])
                let tools = bot.omni.app.registry.catalogue.tools.map(\.name.server)
                #expect(Set(tools) == [Policy.analyticsServer, "time", "lab"])
            }
        }
        await server.stop()
    }
}
