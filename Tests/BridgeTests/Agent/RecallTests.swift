import Foundation
import TestKit
import Testing

@testable import Bridge

@Suite("What an answer begins with, and what is kept of it")
struct RecallTests {
    private func turn(_ number: Int, size: Int = 10) -> ConversationTurn {
        ConversationTurn(
            question: ULID(), asker: "bo@acme.example", askerName: "Bo", text: "question \(number)",
            answer: String("answer \(number)".prefix(size)), askedAt: Date())
    }

    @Test("earlier turns come as text with who spoke, the newest that fit")
    func recall() async throws {
        var world = AgentWorld([.says("Fine.")], .answering("look"))
        world.conversations.turns = (1...4).map { turn($0) }
        world.limits.recallCharacters = 40
        _ = try await world.answer()
        let spoken = world.model.requests[0].spoken
        #expect(
            spoken.dropLast() == [
                "user [Bo] question 3", "assistant answer 3", "user [Bo] question 4", "assistant answer 4",
            ])
        #expect(spoken.last?.hasPrefix("user How is the shop?") == true)
        #expect(spoken.last?.contains("Asked by Ana (role admin) at ") == true)
    }

    @Test("without its record a question goes on alone")
    func recordAway() async throws {
        var world = AgentWorld([.says("Fine.")], .answering("look"))
        world.conversations.fails = true
        #expect(try await world.answer().answered?.text == "Fine.")
        #expect(world.model.requests[0].messages.count == 1)
    }

    @Test("the journal gets turns, starts and results in their order")
    func journal() async throws {
        let world = AgentWorld([.calls("shop__look"), .says("Fine.")], .answering("look"))
        _ = try await world.answer()
        #expect(
            world.journal.steps == [
                "turn 1", "started 1 running", "result 1 succeeded result of look", "turn Fine.",
            ])
    }

    @Test("a journal that fails costs nothing but the resumption")
    func journalAway() async throws {
        var world = AgentWorld([.calls("shop__look"), .says("Fine.")], .answering("look"))
        world.journal = RecordingJournal(fails: true)
        let ending = try await world.answer()
        #expect(ending.answered?.text == "Fine.")
        #expect(ending.usage.calls.map(\.outcome) == [.succeeded])
    }

    @Test("questions of people with the same rights begin with the same bytes: tools sorted, then system")
    func prefix() async throws {
        let world = AgentWorld(
            [.says("One."), .says("Two.")], FakeShop([.init(name: "ape") { _ in .text("") }], server: "zoo"),
            .answering("look", "count", "list_indexes"))
        try await world.running { bridge in
            _ = await world.ask(AgentWorld.question("First?", by: AgentWorld.person(name: "Ana")), bridge)
            _ = await world.ask(AgentWorld.question("Second?", by: AgentWorld.person(name: "Bo")), bridge)
        }
        let (one, two) = (world.model.requests[0], world.model.requests[1])
        #expect(one.tools.map(\.wireName) == ["shop__count", "shop__list_indexes", "shop__look", "zoo__ape"])
        #expect(one.tools == two.tools)
        #expect(one.system == two.system)
        #expect(one.spoken != two.spoken)
    }

    @Test("a question waits for starting servers as long as it may, then says which are missing")
    func startingServer() async throws {
        let slow = FakeShop([.init(name: "ape") { _ in .text("") }], server: "slow", isOpen: false)
        var world = AgentWorld([.says("Without.")], .answering("look"), slow)
        world.limits.startingServers = .milliseconds(50)
        #expect(try await world.answer().answered?.text == "Without.")
        let request = world.model.requests[0]
        #expect(request.tools.map(\.wireName) == ["shop__look"])
        #expect(request.spoken.last?.contains("Not available right now: The slow.") == true)
        slow.isOpen.withLockedValue { $0 = true }
    }

    @Test("a server that is ready while a question waits takes part in it")
    func readyInTime() async throws {
        let slow = FakeShop([.init(name: "ape") { _ in .text("") }], server: "slow", isOpen: false)
        var world = AgentWorld([.says("With.")], .answering("look"), slow)
        world.limits.startingServers = .seconds(20)
        let asked = world
        _ = try await world.running { bridge in
            async let ending = asked.ask(AgentWorld.question(), bridge)
            // Not for order, which the wait itself keeps: a question that does not wait is to be found out.
            try await Task.sleep(for: .milliseconds(200))
            slow.isOpen.withLockedValue { $0 = true }
            return await ending
        }
        let request = world.model.requests[0]
        #expect(request.tools.map(\.wireName) == ["shop__look", "slow__ape"])
        #expect(request.spoken.last?.contains("Not available") == false)
    }
}
