import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Status, titles and suggested prompts in Slack's agent messaging", .timeLimit(.minutes(10)))
struct AgentMessagingScenarios {
    private static let setStatus = "assistant.threads.setStatus"

    private static func plan(_ slack: String = "", isStreaming: Bool = false) -> InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        plan.slack = slack
        plan.isStreaming = isStreaming
        return plan
    }

    /// The texts of the status line that Slack was sent, oldest first.
    private static func statuses(_ snapshot: WorkspaceSnapshot) -> [String] {
        snapshot.calls(setStatus).compactMap { $0.detail["arguments"]?["status"]?.string }
    }

    /// Returns when the thread has no status line and its session is not in process.
    private func untilQuiet(_ bot: InProcessBot, _ place: String, _ root: String) async throws {
        let isQuiet = await bot.emulator.waitUntil(within: .seconds(60)) {
            $0.status(place, root) == nil && $0.session(place, root) != .processing
        }
        #expect(isQuiet, "\(Self.statuses(bot.emulator.snapshot))")
    }

    @Test(
        "a person who asks sees at once that the question is worked on, under the message that begins the thread",
        arguments: zip(["@ana", "#ops", "/omni"], [false, true, false]))
    func begins(entry: String, isStreaming: Bool) async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": "All is well.", "delay": 600]])
            var plan = model.plan
            plan.isStreaming = isStreaming
            plan.progressDelay = .seconds(600)
            plan.emulator.timeouts.acknowledgement = .seconds(30)
            try await InProcessBot.run(plan) { bot in
                let place = entry == "/omni" ? "#ops" : entry
                let root =
                    if entry == "/omni" {
                        try await bot.parent(in: place) {
                            _ = try await bot.emulator.command(as: "ana", in: place, entry, "how is it?")
                        }
                    } else {
                        try bot.emulator.say(as: "ana", in: place, "@omni how is it?")
                    }
                let isShown = await bot.emulator.waitUntil(within: .seconds(60)) {
                    // The second may replace the first before it is sent.
                    ["is reading the question…", "is thinking…"].contains($0.status(place, root))
                }
                #expect(isShown, "\(Self.statuses(bot.emulator.snapshot))")
                try bot.emulator.say(as: "ana", in: place, "!stop", thread: root)
                try await bot.allSaid()
                try await untilQuiet(bot, place, root)
                let threads = bot.emulator.snapshot.calls(Self.setStatus).map { $0.detail["arguments"]?["thread_ts"] }
                #expect(threads.allSatisfy { $0 == .string(root) })
            }
        }
    }

    @Test("nothing of the line is left after the answer", arguments: ["@ana", "#ops"], [false, true])
    func ends(place: String, isStreaming: Bool) async throws {
        try await InProcessBot.run(Self.plan(isStreaming: isStreaming)) { bot in
            let root = try bot.emulator.say(as: "ana", in: place, "@omni list the services")
            #expect(try await bot.answer(in: place, root).contains("ops.list_services"))
            try await bot.allSaid()
            try await untilQuiet(bot, place, root)
        }
    }

    @Test("while no message is there, the line says which tool is asked; after the answer it is gone")
    func tool() async throws {
        let tool = HeldTool()
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["calls": [["name": "shop__look", "input": [:]]]], ["text": "All is well."]])
            try await serveTools(tool, as: "shop") { url in
                var plan = model.plan
                plan.mcps = "mcps:\n  - {name: shop, protocol: http, url: \"\(url)\"}\n"
                plan.progressDelay = .seconds(600)
                try await InProcessBot.run(plan) { bot in
                    let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how is it?")
                    let isShown = await bot.emulator.waitUntil(within: .seconds(60)) {
                        $0.status("#ops", root) == "is using shop.look…"
                    }
                    #expect(isShown, "\(Self.statuses(bot.emulator.snapshot))")
                    #expect(bot.emulator.thread("#ops", root).count == 1)
                    tool.release()
                    #expect(try await bot.answer(in: "#ops", root).contains("All is well."))
                    try await untilQuiet(bot, "#ops", root)
                }
            }
        }
    }

    @Test(
        "where Slack shows no status, or does not respond in time, the answers come all the same",
        arguments: [
            APIFault(setStatus, .error("missing_scope")), APIFault(setStatus, .status(429, retryAfter: 30)),
            APIFault(setStatus, .hang(.seconds(2))), APIFault(setStatus, .garbage),
        ])
    func without(_ fault: APIFault) async throws {
        try await InProcessBot.run(Self.plan()) { bot in
            bot.emulator.inject(fault)
            for text in ["list the services", "list the incidents"] {
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni \(text)")
                _ = try await bot.answer(in: "#ops", root)
                try await bot.until("no line is left") { bot.emulator.snapshot.status("#ops", root) == nil }
            }
            guard fault.kind == .error("missing_scope") else { return }
            // An answer that is ready at once may have no line.
            #expect(bot.emulator.snapshot.calls(Self.setStatus).count <= 1, "it is not called again")
        }
    }

    @Test("an answer that only its asker sees shows no status")
    func privately() async throws {
        try await InProcessBot.run(Self.plan("channel_rules: {\"#ops\": {visibility: private}}\n")) { bot in
            try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            #expect(try await bot.ephemeral(to: "ana").contains("ops.list_services"))
            try await bot.allSaid()
            #expect(bot.emulator.snapshot.calls(Self.setStatus).isEmpty)
        }
    }

    @Test("with immediate_ack: false a thread has no status line before its answer", arguments: [false, true])
    func silently(isStreaming: Bool) async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": "All is well.", "delay": 2]])
            var plan = model.plan
            plan.slack = "behavior: {immediate_ack: false, streaming: \(isStreaming)}\n"
            try await InProcessBot.run(plan) { bot in
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how is it?")
                #expect(try await bot.answer(in: "#ops", root).contains("All is well."))
                try await bot.allSaid()
                #expect(Self.statuses(bot.emulator.snapshot).filter { !$0.isEmpty } == [])
                #expect(bot.emulator.thread("#ops", root).count == 2)
            }
        }
    }

    @Test("a thread of direct messages is named after its first question, and a channel's is not")
    func title() async throws {
        try await InProcessBot.run(Self.plan()) { bot in
            let direct = try bot.emulator.say(as: "ana", in: "@ana", "list\nthe services")
            _ = try await bot.answer(in: "@ana", direct)
            #expect(await bot.emulator.waitUntil { $0.title("@ana", direct) == "list the services" })
            let mention = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            _ = try await bot.answer(in: "#ops", mention)
            try bot.emulator.say(as: "ana", in: "@ana", "list the incidents", thread: direct)
            try await bot.until("both are answered") { bot.answers("@ana", direct).count == 2 }
            try await bot.allSaid()
            #expect(bot.emulator.snapshot.calls("assistant.threads.setTitle").count == 1)
        }
    }

    @Test(
        "a person opens the direct messages and sees prompts of their own tools; a press is answered",
        arguments: [false, true])
    func prompts(isOlderView: Bool) async throws {
        var plan = Self.plan()
        plan.emulator.hasAssistantView = isOlderView
        try await InProcessBot.run(plan) { bot in
            try bot.emulator.openHome(as: "ana", tab: "messages")
            let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                snapshot.prompts("ana").isEmpty ? nil : snapshot.prompts("ana").map(\.message)
            }
            let prompts = try #require(found)
            #expect(prompts.count == 4 && prompts.last == "!help", "\(prompts)")
            #expect(prompts.dropLast().allSatisfy { $0.hasPrefix("ops: ") }, "\(prompts)")
            let root = try bot.emulator.say(as: "ana", in: "@ana", prompts[0])
            #expect(try await bot.answer(in: "@ana", root).contains("ops."))
            // By the users' file, Nils may use no server.
            try bot.emulator.openHome(as: "nils", tab: "messages")
            let none = await bot.emulator.waitUntil(within: .seconds(60)) { snapshot in
                snapshot.prompts("nils").map(\.message) == ["!help"]
            }
            #expect(none, "\(bot.emulator.snapshot.prompts("nils"))")
            #expect(bot.emulator.messages("@nils").allSatisfy { $0.subtype != nil }, "nothing is posted at an opening")
        }
    }

    @Test(
        "where a direct message is no question, the help is the only prompt, and a press shows it",
        arguments: ["respond_to_dm_without_command: false", "dm_default_command: /omni-status"])
    func promptsWithoutQuestions(mentions: String) async throws {
        try await InProcessBot.run(Self.plan("mentions: {\(mentions)}\n")) { bot in
            try bot.emulator.openHome(as: "ana", tab: "messages")
            let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                snapshot.prompts("ana").isEmpty ? nil : snapshot.prompts("ana").map(\.message)
            }
            #expect(try #require(found) == ["!help"])
            try bot.emulator.say(as: "ana", in: "@ana", "!help")
            try await bot.until("ana is shown the help") {
                bot.emulator.messages("@ana").contains { bot.emulator.messageText($0).contains("Ask me about") }
            }
        }
    }
}
