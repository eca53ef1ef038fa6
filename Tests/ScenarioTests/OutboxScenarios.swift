import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Lost and late responses of Slack", .timeLimit(.minutes(10)))
struct OutboxScenarios {
    private var plan: InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        // The answer comes at once, and the progress message must be posted before it.
        plan.progressDelay = .zero
        return plan
    }

    /// Asks with these faults injected; returns Omni's messages in the thread when none is pending.
    private func ask(_ faults: APIFault...) async throws -> [EmulatedMessage] {
        let found = LockedBox<[EmulatedMessage]>([])
        let faults = faults
        try await InProcessBot.run(plan) { bot in
            for fault in faults { bot.emulator.inject(fault) }
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni Which deploys of checkout happened lately?")
            #expect(try await bot.answer(in: "#ops", root).contains("ops.list_deploys"))
            try await bot.allSaid()
            found.value = bot.emulator.thread("#ops", root).filter { $0.botID != nil }
            #expect(try await bot.audit().map(\.status) == [.success])
        }
        return found.value
    }

    @Test("a post whose response was lost is found in the thread and not sent again")
    func lostPost() async throws {
        let messages = try await ask(APIFault("chat.postMessage", .lostReply))
        #expect(messages.count == 1)
    }

    @Test("a post whose response is only `ok` is found in the thread and not sent again")
    func bareReply() async throws {
        let messages = try await ask(APIFault("chat.postMessage", .bareReply))
        #expect(messages.count == 1)
    }

    /// The edit is sent three seconds after the tool call, and the answer comes while it is in flight. An edit that
    /// takes more than three seconds is also waited for, as long as no more than three of them pass after the answer.
    @Test(
        "a late edit of the progress message does not replace the answer",
        arguments: [(2, 4), (4, 5)])
    func lateEdit(edit: Int, answer: Int) async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.mcps = SlackQuestionScenarios.ops
            plan.progressDelay = .zero
            try await InProcessBot.run(plan) { bot in
                bot.emulator.inject(APIFault("chat.update", .delay(.seconds(edit))))
                try await model.script(
                    ["calls": [["name": "ops__list_services", "input": [:]]]],
                    ["text": "They are **all well**.", "delay": .int(Int64(answer))], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how are the services?")
                #expect(try await bot.answer(in: "#ops", root).contains("all well"))
                let isEdited = await bot.emulator.waitUntil(within: .seconds(30)) {
                    $0.calls("chat.update").count >= 2
                }
                #expect(isEdited, "the progress message was not edited while the answer was made")
                let messages = bot.emulator.thread("#ops", root).filter { $0.botID != nil }
                #expect(messages.count == 1)
                #expect(bot.emulator.threadText("#ops", root).contains("all well"))
                try await bot.allSaid()
            }
        }
    }

    @Test("a post that Slack never answers delays an answer by seconds only")
    func hangingPost() async throws {
        var plan = plan
        plan.progressDelay = EditedReply.progressDelay
        plan.emulator.timeouts.acknowledgement = .seconds(30)
        try await InProcessBot.run(plan) { bot in
            // The timeout of the call alone is twenty seconds.
            bot.emulator.inject(APIFault("chat.postMessage", .hang(.seconds(40))))
            let root = try await bot.parent(in: "#ops", within: .seconds(15)) {
                _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni", "list the services")
            }
            #expect(try await bot.answer(in: "#ops", root).contains("ops.list_services"))
            try await bot.allSaid()
        }
    }

    @Test("an ephemeral message that Slack rate-limited is sent after a restart, not given up")
    func putOff() async throws {
        var plan = InProcessBot.Plan()
        plan.settings += "shutdown: {drain_seconds: 1}\n"
        try await RestartableBot.open(plan) { restartable in
            let emulator = restartable.emulator
            try await restartable.run { bot in
                emulator.inject(APIFault("chat.postEphemeral", .status(429, retryAfter: 50)))
                _ = try emulator.say(as: "gus", in: "#ops", "@omni what is slow?")
                try await bot.until("Slack has asked to wait") {
                    !emulator.snapshot.calls("chat.postEphemeral").isEmpty
                }
                let id = try #require(try await bot.store.unfinished().first?.id)
                try await bot.until("it is noted that nothing was sent") {
                    try await bot.store.posts(of: id).allSatisfy { $0.attempts == 0 }
                }
            }
            try await restartable.run { bot in
                #expect(try await bot.ephemeral(to: "gus").contains("full members"))
                try await bot.allSaid()
            }
        }
    }

    @Test("an edit whose response was lost is repeated")
    func lostEdit() async throws {
        let messages = try await ask(APIFault("chat.update", .lostReply, times: 2))
        #expect(messages.count == 1)
    }

    @Test("a post that Slack never received is sent when the thread does not hold it")
    func lostOnTheWay() async throws {
        let messages = try await ask(APIFault("chat.postMessage", .status(503), times: 2))
        #expect(messages.count == 1)
    }

    @Test("when edits are rate-limited the answer is posted instead, and the progress message is deleted")
    func rationed() async throws {
        let messages = try await ask(APIFault("chat.update", .status(429, retryAfter: 30), times: 3))
        #expect(messages.count == 1)
        #expect(messages.first?.isEdited == false)
    }

    @Test("an answer whose blocks Slack refuses is sent as plain text, in full")
    func refusedBlocks() async throws {
        let messages = try await ask(APIFault("chat.update", .error("invalid_blocks")))
        #expect(messages.count == 1)
        #expect(messages.first?.blocks.isEmpty == true)
        #expect(messages.first?.text.contains("list_deploys") == true)
    }

    @Test("an answer of dense HTML whose blocks Slack refuses is sent as plain text, to its last row")
    func refusedHTML() async throws {
        let rows = (1...200).map { "<tr><td>host-\($0)</td><td>up</td></tr>" }
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": .string(rows.joined(separator: "\n"))]])
            var plan = model.plan
            plan.progressDelay = .zero
            try await InProcessBot.run(plan) { bot in
                bot.emulator.inject(APIFault("chat.update", .error("invalid_blocks")))
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni which hosts are up?")
                try await bot.until("the last row is there") {
                    bot.answers("#ops", root).contains { $0.text.contains("host-200") }
                }
                try await bot.allSaid()
                let messages = bot.emulator.thread("#ops", root).filter { $0.botID != nil }
                #expect(messages.allSatisfy { $0.blocks.isEmpty && $0.isFinal }, "\(messages.map(\.text))")
                let text = messages.map(\.text).joined(separator: "\n")
                for row in rows { #expect(text.contains(Markdown.escape(row)), "\(row)") }
            }
        }
    }

    @Test("an answer that Slack refuses as plain text too leaves no progress message, and the asker is told")
    func refusedText() async throws {
        try await InProcessBot.run(plan) { bot in
            bot.emulator.inject(APIFault("chat.update", .error("invalid_blocks"), times: 2))
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            try await bot.isTold("ana", "Slack would not take it")
            try await bot.allSaid()
            #expect(bot.emulator.thread("#ops", root).allSatisfy { $0.botID == nil })
        }
    }

    @Test("an answer is posted when its progress message was deleted by a user")
    func deleted() async throws {
        let messages = try await ask(APIFault("chat.update", .error("message_not_found")))
        #expect(messages.count == 2, "the message that Slack says is gone, and the answer")
    }

    @Test("the second question of a thread waits until the first is answered")
    func order() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list all services")
            for number in 1...4 {
                // Two connections deliver envelopes in any order, and the thread's order is that in which questions
                // are accepted.
                try await bot.until("the question before is taken in") {
                    let open = try await bot.store.unfinished().count
                    return try await bot.store.count() + open >= number
                }
                _ = try bot.emulator.say(
                    as: "ana", in: "#ops", "@omni show the top \(number) slowest queries", thread: root)
            }
            let answers = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                let said = snapshot.thread("#ops", root).filter {
                    $0.botID != nil && !$0.text.hasPrefix(":hourglass_flowing_sand:")
                }
                return said.count == 5 ? said : nil
            }
            #expect(answers != nil, "\(bot.emulator.threadText("#ops", root))")
            let rows = try await bot.audit()
            #expect(rows.count == 5)
            let ordered = rows.reversed().compactMap(\.message)
            #expect(ordered == ["list all services"] + (1...4).map { "show the top \($0) slowest queries" })
        }
    }
}

extension InProcessBot {
    /// Returns when no question and no message is pending.
    func allSaid() async throws {
        try await until("all is said") { try await store.unfinished().isEmpty }
    }
}
