import Foundation
import TestKit
import Testing

@testable import Bridge

@Suite("The history that an answer begins with, and the steps stored of it", .timeLimit(.minutes(5)))
struct AnswerHistoryTests {
    private func turn(_ number: Int, calling tools: String...) -> ConversationTurn {
        ConversationTurn(
            asker: "bo@acme.example", askerName: "Bo", text: "question \(number)",
            outcome: .answered("answer \(number)"),
            calls: tools.map {
                ConversationTurn.Call(
                    name: ToolName(server: "shop", tool: $0), arguments: [:], result: "rows of \($0)")
            })
    }

    @Test("earlier turns come as text with their authors, the newest that fit; the number left out is stated")
    func history() async throws {
        var fixture = AgentFixture([.says("Fine.")], .answering("look"))
        fixture.conversations.turns = (1...4).map { turn($0) }
        fixture.limits.history.threads.turns = 2
        _ = try await fixture.answer()
        let spoken = fixture.model.requests[0].spoken
        #expect(
            spoken.dropLast() == [
                "user <thread_message from=\"Bo (bo@acme.example)\">\nquestion 3\n</thread_message>",
                "assistant answer 3",
                "user <thread_message from=\"Bo (bo@acme.example)\">\nquestion 4\n</thread_message>",
                "assistant answer 4",
            ])
        #expect(spoken.last?.hasPrefix("user How is the shop?") == true)
        #expect(spoken.last?.contains("Asked by Ana (ana@acme.example, role admin) at ") == true)
        #expect(spoken.last?.contains("(2 earlier turns left out.)") == true)
    }

    @Test("earlier results are included by the asker's rights, of the question's rules and of the current ones")
    func rights() async throws {
        func recalled(_ role: String, now: PolicyRules? = nil) async throws -> String {
            var fixture = AgentFixture([.says("Fine.")], .answering("look", "drop_index"))
            fixture.conversations.turns = [turn(1, calling: "look", "drop_index", "gone")]
            fixture.rulesNow = now
            _ = try await fixture.answer(AgentFixture.question(by: AgentFixture.person(role)))
            return fixture.model.requests[0].spoken.joined()
        }
        let admin = try await recalled("admin")
        #expect(admin.contains("rows of look") && admin.contains("rows of drop_index"))
        #expect(!admin.contains("rows of gone"), "no server offers it any more")
        let reader = try await recalled("read_only")
        #expect(reader.contains("answer 1") && reader.contains("rows of look"))
        #expect(!reader.contains("rows of drop_index"))
        var rules = AgentFixture.houseRules
        rules.roles["admin"]?.deniedTools = [Sourced(try Glob("look"), .builtIn("now"))]
        let later = try await recalled("admin", now: rules)
        #expect(!later.contains("rows of look") && later.contains("rows of drop_index"))
    }

    @Test("with thread history switched off the store is not queried")
    func switchedOff() async throws {
        var fixture = AgentFixture([.says("Fine.")], .answering("look"))
        fixture.conversations.turns = [turn(1)]
        fixture.limits.history.threads.isEnabled = false
        _ = try await fixture.answer()
        #expect(fixture.model.requests[0].messages.count == 1)
    }

    @Test("when the store is unavailable the question is answered without history")
    func recordAway() async throws {
        var fixture = AgentFixture([.says("Fine.")], .answering("look"))
        fixture.conversations.fails = true
        #expect(try await fixture.answer().answered?.text == "Fine.")
        #expect(fixture.model.requests[0].messages.count == 1)
    }

    @Test("the journal receives turns, starts and results in order")
    func journal() async throws {
        let fixture = AgentFixture([.calls("shop__look"), .says("Fine.")], .answering("look"))
        _ = try await fixture.answer()
        #expect(
            fixture.journal.steps == [
                "turn 1", "started 1 running", "result 1 succeeded result of look", "turn Fine.",
            ])
    }

    @Test("a journal that fails prevents only the resumption")
    func journalAway() async throws {
        var fixture = AgentFixture([.calls("shop__look"), .says("Fine.")], .answering("look"))
        fixture.journal = RecordingJournal(fails: true)
        let outcome = try await fixture.answer()
        #expect(outcome.answered?.text == "Fine.")
        #expect(outcome.usage.calls.map(\.outcome) == [.succeeded])
    }

    @Test("questions of users with the same rights begin with the same bytes: tools sorted, then system")
    func prefix() async throws {
        let fixture = AgentFixture(
            [.says("One."), .says("Two.")], FakeShop([.init(name: "ape") { _ in .text("") }], server: "zoo"),
            .answering("look", "count", "list_indexes"))
        try await fixture.running { bridge in
            _ = await fixture.ask(AgentFixture.question("First?", by: AgentFixture.person(name: "Ana")), bridge)
            _ = await fixture.ask(AgentFixture.question("Second?", by: AgentFixture.person(name: "Bo")), bridge)
        }
        let (one, two) = (fixture.model.requests[0], fixture.model.requests[1])
        #expect(one.tools.map(\.wireName) == ["shop__count", "shop__list_indexes", "shop__look", "zoo__ape"])
        #expect(one.tools == two.tools)
        #expect(one.system == two.system)
        #expect(one.spoken != two.spoken)
    }

    @Test("a question waits for starting servers up to the limit, then names the missing ones")
    func startingServer() async throws {
        let slow = FakeShop([.init(name: "ape") { _ in .text("") }], server: "slow", isOpen: false)
        var fixture = AgentFixture([.says("Without.")], .answering("look"), slow)
        fixture.limits.startingServers = .milliseconds(50)
        #expect(try await fixture.answer().answered?.text == "Without.")
        let request = fixture.model.requests[0]
        #expect(request.tools.map(\.wireName) == ["shop__look"])
        #expect(request.spoken.last?.contains("Not available right now: The slow.") == true)
        slow.isOpen.withLockedValue { $0 = true }
    }

    @Test("the tools of a server that becomes ready while a question waits are offered")
    func readyInTime() async throws {
        let slow = FakeShop([.init(name: "ape") { _ in .text("") }], server: "slow", isOpen: false)
        var fixture = AgentFixture([.says("With.")], .answering("look"), slow)
        fixture.limits.startingServers = .seconds(20)
        let asked = fixture
        _ = try await fixture.running { bridge in
            async let outcome = asked.ask(AgentFixture.question(), bridge)
            // Gives a question that does not wait the time to be answered without the server.
            try await Task.sleep(for: .milliseconds(200))
            slow.isOpen.withLockedValue { $0 = true }
            return await outcome
        }
        let request = fixture.model.requests[0]
        #expect(request.tools.map(\.wireName) == ["shop__look", "slow__ape"])
        #expect(request.spoken.last?.contains("Not available") == false)
    }
}
