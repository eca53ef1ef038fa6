import TestKit
import Testing

@testable import Bridge

@Suite("Turns of an answer", .timeLimit(.minutes(5)))
struct TurnTests {
    private let shop = FakeShop.answering("look")
    private let look = ModelToolCall(id: "1", wireName: "shop__look", input: [:])

    @Test("at the limit of turns the model may call no tool and answers from its results, with a warning")
    func iterationLimit() async throws {
        var fixture = AgentFixture([.calls("shop__look"), .calls("shop__look", ids: ["2"]), .says("So far.")], shop)
        fixture.settings.maxIterations = 3
        let outcome = try await fixture.answer()
        #expect(outcome.answered?.warning == .maxIterations)
        #expect(fixture.model.requests.map(\.mayCallTools) == [true, true, false])
        #expect(outcome.usage.iterations == 3)
    }

    @Test("a model that calls tools beyond the limit ends as a failure, and no call is made")
    func beyondLimit() async throws {
        var fixture = AgentFixture([.calls("shop__look"), .calls("shop__look", ids: ["2"])], shop)
        fixture.settings.maxIterations = 2
        let outcome = try await fixture.answer()
        #expect(outcome.failed?.error.code == .modelRejected)
        #expect(shop.calls == ["look"])
        #expect(outcome.usage.calls.count == 1 && outcome.usage.iterations == 2)
    }

    @Test("a turn cut inside a call runs nothing and is retried once with a higher output limit")
    func moreRoom() async throws {
        let cut = ModelTurn.scripted("Let me", calls: [look], stop: .maxTokens)
        let fixture = AgentFixture([.turn(cut), .says("Better.")], shop)
        let outcome = try await fixture.answer()
        #expect(outcome.answered?.text == "Better.")
        #expect(fixture.model.requests.map(\.maxTokens) == [4096, 8192])
        #expect(fixture.model.requests[1].messages.count == 1)
        #expect(shop.calls.isEmpty)
        #expect(fixture.events == ["text Let me", "withdrawn", "text Better."])

        fixture.heard.withLockedValue { $0 = [] }
        var again = fixture
        again.model = ScriptedModel([.turn(cut), .turn(cut)])
        #expect(try await again.answer().failed?.error.code == .modelRejected)
    }

    @Test("the retry does not exceed the model's own output limit")
    func noRoom() async throws {
        var fixture = AgentFixture([.turn(.scripted(calls: [look], stop: .maxTokens)), .says("Better.")], shop)
        fixture.settings.model = "claude-haiku-4-5"
        fixture.settings.maxTokens = 40_000
        _ = try await fixture.answer()
        #expect(fixture.model.requests.map(\.maxTokens) == [40_000, 64_000])
        fixture.model = ScriptedModel([.turn(.scripted(calls: [look], stop: .maxTokens)), .says("Better.")])
        fixture.settings.maxTokens = 64_000
        #expect(try await fixture.answer().failed?.error.code == .modelRejected)
    }

    @Test(
        "an answer cut by the output limit or the context is returned with a warning",
        arguments: [
            ModelTurn.Stop.maxTokens, .contextExceeded,
        ])
    func truncated(stop: ModelTurn.Stop) async throws {
        let outcome = try await AgentFixture([.says("Half an", stop: stop)], shop).answer()
        #expect(outcome.answered?.text == "Half an")
        #expect(outcome.answered?.warning == .truncated)
    }

    @Test("an empty or blank turn is followed by one nudge, then it is a failure", arguments: ["", " \n"])
    func nudge(empty: String) async throws {
        let fixture = AgentFixture([.says(empty), .says("Here.")], shop)
        #expect(try await fixture.answer().answered?.text.contains("Here.") == true)
        #expect(fixture.model.requests[1].spoken.last == "user Please answer now with what you have.")
        let silent = AgentFixture([.says(empty), .says(empty), .says("Too late.")], shop)
        #expect(try await silent.answer().failed?.error.code == .modelRejected)
        #expect(silent.model.requests.count == 2)
    }

    @Test("a nudge does not use up the retry with a higher output limit")
    func independentChances() async throws {
        let cut = ModelTurn.scripted(calls: [look], stop: .maxTokens)
        let fixture = AgentFixture([.says(""), .turn(cut), .says("Here.")], shop)
        #expect(try await fixture.answer().answered?.text == "Here.")
    }

    @Test("a model that declines is a failure with that reason, its calls are not run, its text is withdrawn")
    func refusal() async throws {
        let turn = ModelTurn.scripted("I will", calls: [look], stop: .refusal(category: "cyber"))
        let fixture = AgentFixture([.turn(turn)], shop)
        let outcome = try await fixture.answer()
        #expect(outcome.failed?.error.code == .modelRefused)
        #expect(shop.calls.isEmpty)
        #expect(fixture.events == ["text I will", "withdrawn"])
    }

    @Test("a conversation that exceeds the context is a failure with that reason")
    func contextExceeded() async throws {
        let outcome = try await AgentFixture([.says("", stop: .contextExceeded)], shop).answer()
        #expect(outcome.failed?.error.code == .contextTooLong)
        let inCall = ModelTurn.scripted("x", calls: [look], stop: .contextExceeded)
        #expect(try await AgentFixture([.turn(inCall)], shop).answer().failed?.error.code == .contextTooLong)
        #expect(shop.calls.isEmpty)
    }

    @Test("a paused turn is sent back unchanged, and its text stays part of the answer")
    func pause() async throws {
        let fixture = AgentFixture([.says("First, ", stop: .pauseTurn), .says("second.")], shop)
        let outcome = try await fixture.answer()
        #expect(outcome.answered?.text == "First, second.")
        guard case .turn(let sent) = fixture.model.requests[1].messages.last else {
            Issue.record("the turn was not sent back")
            return
        }
        #expect(sent.text == "First, ")
        #expect(fixture.events == ["text First, ", "text second."])
    }

    @Test("a turn with an unknown stop reason is an answer when it has text, and its calls are run")
    func unknownStop() async throws {
        let fixture = AgentFixture(
            [.turn(.scripted(calls: [look], stop: .unknown("new"))), .says("Fine.", stop: .unknown("new"))], shop)
        #expect(try await fixture.answer().answered?.text == "Fine.")
        #expect(shop.calls == ["look"])
    }

    @Test("a call that the offline model may not make is refused with the rule")
    func withheld() async throws {
        let tool = WithheldTool(
            definition: ToolDefinition(
                name: ToolName(server: "shop", tool: "drop_index"), description: "", inputSchema: ["type": "object"]),
            verdict: Verdict(
                .deny, step: .role, rule: RuleSource(file: "users.yaml", line: 9, key: "roles.x"), reason: "x may not"))
        let outcome = try await AgentFixture([.says("", stop: .withheld(tool))], shop).answer()
        #expect(outcome.refused?.rule == "users.yaml:9 roles.x")
        #expect(outcome.refused?.message == "That needs shop.drop_index, and x may not.")
        #expect(outcome.usage.iterations == 1)
    }

    @Test("text before tool calls is no part of the answer, and events come in order")
    func events() async throws {
        let fixture = AgentFixture([.calls("shop__look", saying: "Let me look."), .says("All is well.")], shop)
        let outcome = try await fixture.answer()
        #expect(outcome.answered?.text == "All is well.")
        let heard = fixture.heard.withLockedValue { $0 }
        #expect(
            heard == [
                "status is thinking", "text Let me look.", "narration Let me look.", "started 1",
                "finished 1 succeeded",
                "status is reading the results", "text All is well.",
            ])
    }

    @Test("a turn that restarts withdraws its earlier text; waits are a status")
    func restarted() async throws {
        let deltas: [ModelDelta] = [
            .retrying(attempt: 1, after: .seconds(2), reason: "the model is overloaded"), .text("Al"), .restarted,
            .thinking(""), .text("All."),
        ]
        let fixture = AgentFixture([.hearing(deltas, .scripted("All."))], shop)
        #expect(try await fixture.answer().answered?.text == "All.")
        #expect(fixture.events == ["text Al", "withdrawn", "text All."])
        let statuses = fixture.heard.withLockedValue { $0.filter { $0.hasPrefix("status") } }
        #expect(statuses.count == 2 && statuses[1].hasSuffix(": the model is overloaded"))
    }
}
