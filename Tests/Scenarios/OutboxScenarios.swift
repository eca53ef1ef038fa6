import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("When Slack's answers get lost", .timeLimit(.minutes(10)))
struct OutboxScenarios {
    private var plan: World.Plan {
        var plan = World.Plan()
        plan.mcps = AskingScenarios.ops
        // The answer is there at once; what is edited into it must be there before.
        plan.progressDelay = .zero
        return plan
    }

    /// Asks with these faults in force; gives the bot's messages of the thread when all is said.
    private func ask(_ faults: APIFault...) async throws -> [EmulatedMessage] {
        let found = NIOBox<[EmulatedMessage]>([])
        let faults = faults
        try await World.run(plan) { world in
            for fault in faults { world.emulator.inject(fault) }
            let root = try world.emulator.say(as: "ana", in: "#ops", "@omni Which deploys of checkout happened lately?")
            #expect(try await world.answer(in: "#ops", root).contains("ops.list_deploys"))
            try await world.allSaid()
            found.value = world.emulator.thread("#ops", root).filter { $0.botID != nil }
            #expect(try await world.audit().map(\.status) == [.success])
        }
        return found.value
    }

    @Test("a post whose answer was lost is found in the thread and not sent again")
    func lostPost() async throws {
        let messages = try await ask(APIFault("chat.postMessage", .lostReply))
        #expect(messages.count == 1)
    }

    @Test("an edit whose answer was lost is repeated")
    func lostEdit() async throws {
        let messages = try await ask(APIFault("chat.update", .lostReply, times: 2))
        #expect(messages.count == 1)
    }

    @Test("a post that is lost on its way is sent when the thread does not hold it")
    func lostOnTheWay() async throws {
        let messages = try await ask(APIFault("chat.postMessage", .status(503), times: 2))
        #expect(messages.count == 1)
    }

    @Test("when edits are rationed the answer is posted instead, and the progress message goes")
    func rationed() async throws {
        let messages = try await ask(APIFault("chat.update", .status(429, retryAfter: 30), times: 3))
        #expect(messages.count == 1)
        #expect(messages.first?.isEdited == false)
    }

    @Test("blocks that Slack refuses are said as plain text, whole")
    func refusedBlocks() async throws {
        let messages = try await ask(APIFault("chat.update", .error("invalid_blocks")))
        #expect(messages.count == 1)
        #expect(messages.first?.blocks.isEmpty == true)
        #expect(messages.first?.text.contains("list_deploys") == true)
    }

    @Test("a progress message that somebody deletes is replaced by the answer")
    func deleted() async throws {
        let messages = try await ask(APIFault("chat.update", .error("message_not_found")))
        #expect(messages.count == 2, "the message that Slack says is gone, and the answer")
    }

    @Test("the second question of a thread waits until the first was answered")
    func order() async throws {
        try await World.run(plan) { world in
            let root = try world.emulator.say(as: "ana", in: "#ops", "@omni list all services")
            for number in 1...4 {
                _ = try world.emulator.say(
                    as: "ana", in: "#ops", "@omni show the top \(number) slowest queries", thread: root)
            }
            let answers = await world.emulator.waitFor(within: .seconds(60)) { snapshot in
                let said = snapshot.thread("#ops", root).filter {
                    $0.botID != nil && !$0.text.hasPrefix(":hourglass_flowing_sand:")
                }
                return said.count == 5 ? said : nil
            }
            #expect(answers != nil, "\(world.emulator.threadText("#ops", root))")
            let rows = try await world.audit()
            #expect(rows.count == 5)
            let ordered = rows.reversed().compactMap(\.message)
            #expect(ordered == ["list all services"] + (1...4).map { "show the top \($0) slowest queries" })
        }
    }
}

extension World {
    /// Returns when no question is left to answer or to say.
    func allSaid() async throws {
        try await until("all is said") { try await record.unfinished().isEmpty }
    }
}
