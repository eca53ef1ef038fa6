import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("A question that is stopped, edited or deleted while it is answered", .timeLimit(.minutes(10)))
struct StopScenarios {
    /// A model that calls a slow tool first, and answers then.
    private static let slowTool: [JSONValue] = [
        ["calls": [["name": "fixture__slow", "input": ["seconds": 600]]]], ["text": "All **counted**."],
    ]
    /// A model that writes a first part, and the rest after the test.
    private static let slowText: JSONValue = [
        "text": .string((1...120).map { "steady \($0)" }.joined(separator: " ")), "pause": 600, "after_events": 80,
    ]

    private func run(
        _ replies: [JSONValue], isStreaming: Bool = false, slack: String = "",
        _ body: @escaping @Sendable (InProcessBot, ModelDouble) async throws -> Void
    ) async throws {
        try await withPeer("mcp_http_server.py") { peer in
            try await ModelDouble.run { model in
                var plan = model.plan
                plan.mcps = "mcps: [{name: fixture, protocol: http, url: \"http://127.0.0.1:\(peer.port)/mcp\"}]\n"
                plan.isStreaming = isStreaming
                plan.slack = slack
                plan.emulator.timeouts.acknowledgement = .seconds(30)
                try await InProcessBot.run(plan) { bot in
                    if !replies.isEmpty { try await model.scriptByTurn(replies) }
                    try await body(bot, model)
                    try await bot.until("nothing runs any more") {
                        let isOver = try await bot.store.unfinished().isEmpty
                        return isOver && bot.omni.app.inFlight.count == 0
                    }
                    #expect(bot.emulator.messages("#ops").allSatisfy { !$0.isStreaming })
                }
            }
        }
    }

    /// What the MCP server says of the calls of its tool `slow`: how many are `running`, or were `cancelled`.
    private func slowCalls(_ bot: InProcessBot, _ tool: String) async throws -> String {
        let asker = Principal(email: "ana@acme.example", name: "Ana", role: "dba", source: .builtIn("test"))
        let call = ToolCall(ToolName(server: "fixture", tool: tool), arguments: [:], asker: asker)
        return try await bot.omni.app.registry.call(call).text
    }

    /// Returns when no call of the tool `slow` is under way: the server learns of a cancellation after the thread does.
    private func untilNoneRuns(_ bot: InProcessBot) async throws {
        try await bot.until("no call is under way") { try await slowCalls(bot, "running") == "0" }
    }

    /// Asks a question whose tool call is under way, and returns the message with the button.
    private func running(
        _ bot: InProcessBot, _ question: String = "@omni count them"
    ) async throws -> (root: String, progress: EmulatedMessage) {
        let root = try bot.emulator.say(as: "ana", in: "#ops", question)
        let progress = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.thread("#ops", root).first { Self.hasStop($0) && $0.text.contains("fixture.slow") }
        }
        try await bot.until("the tool is called") { try await slowCalls(bot, "running") == "1" }
        return (root, try #require(progress, "\(bot.emulator.threadText("#ops", root))"))
    }

    private static func hasStop(_ message: EmulatedMessage) -> Bool {
        message.blocks.contains { $0["block_id"]?.string == StopView.actionID }
    }

    private func thread(_ bot: InProcessBot, _ root: String, says text: String) async throws {
        try await bot.until("the thread says: \(text)") { bot.emulator.threadText("#ops", root).contains(text) }
    }

    @Test("the asker presses Stop: the tool call is cancelled, the message says so and can be retried")
    func asker() async throws {
        try await run(Self.slowTool) { bot, _ in
            let (root, progress) = try await running(bot)
            for person in ["ben", "ana"] {
                let press = try await bot.emulator.press(as: person, in: "#ops", progress.ts, action: StopView.actionID)
                #expect(press.wasAcknowledged)
                if person == "ben" { try await bot.isTold("ben", UserMessages.onlyAskerOrAdmin) }
            }
            try await bot.until("the call is cancelled") { try await slowCalls(bot, "cancelled") == "1" }
            try await thread(bot, root, says: UserMessages.cancelled)
            let message = try #require(bot.emulator.thread("#ops", root).last)
            #expect(message.ts == progress.ts && !Self.hasStop(message))
            #expect(JSONValue.array(message.blocks).text().contains(AnswerActionsView.retryID))
            try await bot.until("it is recorded") { try await bot.audit().count == 1 }
            let rows = try await bot.audit()
            #expect(rows.map(\.errorCode) == ["cancelled"] && rows[0].toolsUsed == ["fixture.slow"])
        }
    }

    @Test("an administrator stops another user's question, which is an administrative event")
    func administrator() async throws {
        try await run(Self.slowTool) { bot, _ in
            let (root, progress) = try await running(bot)
            let press = try await bot.emulator.press(as: "cleo", in: "#ops", progress.ts, action: StopView.actionID)
            #expect(press.wasAcknowledged)
            try await thread(bot, root, says: "an administrator.")
            // The question may end before the event is stored.
            try await bot.until("the event is stored") {
                let events = try await bot.store.adminEvents(limit: 10).filter { $0.action == "question.stopped" }
                return events.map(\.actor) == ["cleo@acme.example"]
            }
        }
    }

    @Test(
        "!stop in the thread keeps what was shown; without a question under way it says so", arguments: [true, false])
    func command(isStreaming: Bool) async throws {
        try await run([Self.slowText], isStreaming: isStreaming) { bot, _ in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how are they?")
            try await thread(bot, root, says: "steady 20")
            try bot.emulator.say(as: "ben", in: "#ops", "!stop", thread: root)
            try await bot.isTold("ben", UserMessages.onlyAskerOrAdmin)
            try bot.emulator.say(as: "ana", in: "#ops", "!stop", thread: root)
            try await thread(bot, root, says: UserMessages.cancelled)
            try await bot.isTold("ana", "Stopping")
            let message = try #require(bot.answers("#ops", root).last)
            let text = bot.emulator.messageText(message)
            #expect(text.contains("steady 20") && text.contains(UserMessages.cancelled))
            #expect(bot.answers("#ops", root).count == 1)
            try bot.emulator.say(as: "ana", in: "#ops", "!stop", thread: root)
            try await bot.isTold("ana", UserMessages.nothingRuns)
            try await bot.until("it is recorded") { try await bot.audit().map(\.errorCode) == ["cancelled"] }
        }
    }

    @Test("!stop ends a question that was asked with a mention, also where /omni is switched off")
    func commandOff() async throws {
        let slack = "commands: [{command: /omni, enabled: false}]\n"
        try await run([Self.slowText], isStreaming: true, slack: slack) { bot, _ in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how are they?")
            try await thread(bot, root, says: "steady 20")
            try bot.emulator.say(as: "ana", in: "#ops", "!stop", thread: root)
            try await thread(bot, root, says: UserMessages.cancelled)
        }
    }

    @Test("Slack's own Stop ends the question before the next part of the answer")
    func session() async throws {
        try await run([Self.slowText], isStreaming: true) { bot, _ in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how are they?")
            try await thread(bot, root, says: "steady 20")
            let stream = try #require(bot.emulator.thread("#ops", root).first { $0.isStreaming })
            try bot.emulator.stopStream(as: "ana", in: "#ops", stream.ts)
            try await thread(bot, root, says: UserMessages.cancelled)
            #expect(bot.emulator.threadText("#ops", root).contains("steady 20"))
            try await bot.until("it is recorded") { try await bot.audit().map(\.errorCode) == ["cancelled"] }
        }
    }

    @Test("an edited question is answered anew, and only its new text is")
    func edited() async throws {
        try await run([]) { bot, model in
            try await model.script(Self.slowTool[0], ["text": "All **counted**."], ["text": "Again."], in: bot)
            let (root, _) = try await running(bot)
            try bot.emulator.edit(as: "ana", in: "#ops", root, to: "@omni count the others")
            try await thread(bot, root, says: "counted")
            try await bot.allSaid()
            #expect(bot.emulator.threadText("#ops", root).contains("because the question was edited"))
            try await untilNoneRuns(bot)
            let rows = try await bot.audit()
            #expect(rows.map(\.message) == ["count the others", "count them"])
            #expect(rows.map(\.errorCode) == [nil, "cancelled"])
            let last = try await model.journal().last?["body"]?["messages"]?.text() ?? ""
            #expect(last.contains("count the others"))
            // The answer has come: a later edit changes nothing.
            try bot.emulator.edit(as: "ana", in: "#ops", root, to: "@omni count nothing")
            try bot.emulator.say(as: "ana", in: "#ops", "@omni count again", thread: root)
            try await bot.until("the next one is answered") { try await bot.audit().count == 3 }
            #expect(try await bot.audit().first?.message == "count again")
        }
    }

    @Test("a question is cancelled when its message is deleted, and no text of it is left")
    func deleted() async throws {
        try await run([Self.slowText], isStreaming: true) { bot, _ in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how are they?")
            try await thread(bot, root, says: "steady 20")
            try bot.emulator.delete(as: "ana", in: "#ops", root)
            try await thread(bot, root, says: "because the question was deleted")
            try await bot.until("the text is gone") { !bot.emulator.threadText("#ops", root).contains("steady") }
            #expect(bot.answers("#ops", root).count == 1)
        }
    }

    @Test("deleted before anything was shown, nothing is posted")
    func deletedEarly() async throws {
        var slow = Self.slowText
        slow["delay"] = 600
        try await run([slow], slack: "behavior: {streaming: false, ack_immediately: false}\n") { bot, model in
            let ts = try bot.emulator.say(as: "ana", in: "@ana", "how are they?")
            try await bot.until("the model is asked") { try await model.journal().count == 1 }
            try bot.emulator.delete(as: "ana", in: "@ana", ts)
            try await bot.until("it is recorded") { try await bot.audit().map(\.errorCode) == ["cancelled"] }
            try await bot.allSaid()
            #expect(bot.emulator.messages("@ana").isEmpty)
        }
    }

    @Test("the asker stops it in the Home")
    func home() async throws {
        try await run(Self.slowTool) { bot, _ in
            let (root, _) = try await running(bot)
            try bot.emulator.openHome(as: "ana")
            try await home(bot, hasStop: true)
            let press = try await bot.emulator.pressHome(as: "ana", action: StopView.actionID)
            #expect(press.wasAcknowledged)
            try await thread(bot, root, says: UserMessages.cancelled)
            try await home(bot, hasStop: false)
        }
    }

    /// Returns when Ana's Home has the button, or has none.
    private func home(_ bot: InProcessBot, hasStop: Bool) async throws {
        try await bot.until("the Home has \(hasStop ? "the" : "no") button") {
            bot.emulator.snapshot.home("ana")?.text().contains(StopView.actionID) == hasStop
        }
    }

    @Test("in the Home the asker stops a question that was asked over HTTP, and a press after its end draws it anew")
    func homeOfCaller() async throws {
        try await run(Self.slowTool) { bot, _ in
            let ana = try await bot.omni.app.questionService.users.principal(email: "ana@acme.example")
            for hasEnded in [true, false] {
                let question = Question(
                    asker: ana, text: "count them", place: Place(entryPoint: .http, isDirect: true),
                    threadKey: "http:ana:\(hasEnded)")
                async let outcome = bot.omni.app.questionService.ask(question) { _ in }
                try await bot.until("the tool is called") { try await slowCalls(bot, "running") == "1" }
                try bot.emulator.openHome(as: "ana")
                try await home(bot, hasStop: true)
                if hasEnded {
                    let request = StopRequest(.requested, by: "U0ANA", email: ana.email)
                    #expect(try await bot.store.stop(question.id, request))
                    _ = try await outcome
                }
                let press = try await bot.emulator.pressHome(as: "ana", action: StopView.actionID)
                #expect(press.wasAcknowledged)
                try await home(bot, hasStop: false)
                let state = try await outcome.state
                #expect(state == .cancelled)
                try await untilNoneRuns(bot)
            }
        }
    }

    @Test("a request that another process has stored stops the question with the next renewal of its lease")
    func otherProcess() async throws {
        try await run(Self.slowTool) { bot, _ in
            let (root, _) = try await running(bot)
            let question = try #require(try await bot.store.unfinished().first)
            let request = StopRequest(.requested, by: "U0ANA", email: "ana@acme.example")
            #expect(try await bot.store.stop(question.id, request))
            try await thread(bot, root, says: UserMessages.cancelled)
            try await untilNoneRuns(bot)
        }
    }

    @Test("what is shown of a question that was received twice is removed, because the other one is answered")
    func doubled() async throws {
        try await run(Self.slowTool) { bot, _ in
            let (root, _) = try await running(bot)
            let question = try #require(try await bot.store.unfinished().first)
            #expect(try await bot.store.stop(question.id, StopRequest(.doubled, by: "", email: "")))
            try await bot.until("it is recorded") { try await bot.audit().map(\.errorCode) == ["cancelled"] }
            try await bot.allSaid()
            let isRemoved = await bot.emulator.waitUntil(within: .seconds(60)) { snapshot in
                snapshot.thread("#ops", root).map(\.ts) == [root]
            }
            #expect(isRemoved, "\(bot.emulator.threadText("#ops", root))")
        }
    }
}
