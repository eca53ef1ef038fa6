import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("A question asks its asker back", .timeLimit(.minutes(2)))
struct AskBackTests {
    private static let choose = "omni2_ask_back__choose"
    private static let arguments: JSONValue = ["question": "Which one?", "choices": ["prod", "test"]]

    private static func question(_ entryPoint: Place.EntryPoint = .slack) -> Question {
        Question(
            asker: AgentFixture.person("read_only"), text: "Is it slow?", place: Place(entryPoint: entryPoint),
            threadKey: "t", beginsThread: true)
    }

    /// Answers with the tool; `shop` is the other source.
    private static func answer(
        _ replies: [ScriptedModel.Reply], after steps: [QuestionStep] = [], shop: FakeShop = .answering("look"),
        at entryPoint: Place.EntryPoint = .slack, limits: AnswerLimits = AnswerLimits()
    ) async throws -> (result: AnswerResult, fixture: AgentFixture) {
        var fixture = AgentFixture(replies, shop)
        fixture.limits = limits
        fixture.journal = RecordingJournal(earlier: steps)
        let settled = fixture
        let result = try await fixture.running { bridge in
            bridge.registry.add(AskBackTool(timeout: .seconds(60)), displayName: "Ask back")
            try await eventually("the tool is listed") { bridge.registry.catalogue[AskBackTool.name] != nil }
            let snapshot = SettingsSnapshot(
                generation: 1, policy: Policy(settled.rules), model: settled.settings, limits: limits)
            return await bridge.answer(question(entryPoint), under: snapshot, resuming: steps) { _ in }
        }
        return (result, fixture)
    }

    private static func asks(besides others: ModelToolCall...) -> ModelTurn {
        let ask = ModelToolCall(id: "ask", wireName: choose, input: arguments)
        return ModelTurn.scripted(calls: [ask] + others)
    }

    private static func wait(worked: Int = 0) -> Wait {
        Wait(
            callID: "ask",
            request: InputRequest(message: "Which one?", choices: ["prod", "test"], timeout: .seconds(60)),
            expiresAt: Date(timeIntervalSinceNow: 60), workedMilliseconds: worked)
    }

    @Test("the question stops with the choices, and what else was called is kept")
    func stops() async throws {
        let look = ModelToolCall(id: "look", wireName: "shop__look", input: [:])
        let (result, fixture) = try await Self.answer([.turn(Self.asks(besides: look))])
        guard case .waiting(let wait) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(wait.callID == "ask")
        #expect(wait.request.message == "Which one?" && wait.request.choices == ["prod", "test"])
        #expect(abs(wait.expiresAt.timeIntervalSinceNow - 60) < 30)
        #expect(fixture.journal.steps.contains { $0.hasPrefix("result look succeeded") })
        #expect(!fixture.journal.steps.contains { $0.hasPrefix("result ask") })
        #expect(fixture.model.requests.count == 1)
    }

    @Test("with the choice it goes on after the same turn, and nothing is called twice")
    func goesOn() async throws {
        let look = ModelToolCall(id: "look", wireName: "shop__look", input: [:])
        let shop = FakeShop.answering("look")
        let (_, first) = try await Self.answer([.turn(Self.asks(besides: look))], shop: shop)
        let wait = Self.wait()
        let steps = first.journal.all + [.waiting(wait), .waitEnded(wait.id, .chosen("test", by: "ana@acme.example"))]
        let (result, fixture) = try await Self.answer([.says("Test is fine.")], after: steps, shop: shop)
        #expect(result.outcome.answered?.text == "Test is fine.")
        #expect(shop.calls == ["look"])
        #expect(fixture.model.requests.first.map { "\($0.messages)" }?.contains("The asker chose: test") == true)
        #expect(result.outcome.usage.iterations == 2)
        #expect(result.outcome.usage.calls.map(\.outcome) == [.succeeded, .succeeded])
    }

    @Test("a wait without an answer has expired: the model is told, and the journal says so")
    func expired() async throws {
        let wait = Self.wait()
        let (result, fixture) = try await Self.answer(
            [.says("I took prod.")], after: [.modelTurn(Self.asks()), .waiting(wait)])
        #expect(result.outcome.answered?.text == "I took prod.")
        #expect(fixture.model.requests.first.map { "\($0.messages)" }?.contains("has not chosen in time") == true)
        #expect(fixture.journal.steps.first == "wait ended expired")
    }

    @Test("a cancelled wait ends the question as cancelled, with what it has cost")
    func cancelled() async throws {
        let wait = Self.wait()
        let (result, fixture) = try await Self.answer(
            [],
            after: [
                .modelTurn(Self.asks()), .waiting(wait), .waitEnded(wait.id, .cancelled(by: "ana@acme.example")),
            ])
        #expect(result.outcome.isCancelled)
        #expect(result.outcome.usage.iterations == 1 && result.outcome.usage.tokens.input >= 100)
        #expect(fixture.model.requests.isEmpty)
    }

    @Test("the time of waits does not count, that of the work before them does")
    func deadline() async throws {
        var limits = AnswerLimits()
        limits.deadline = .seconds(30)
        let wait = Self.wait(worked: 29_900)
        let steps: [QuestionStep] = [
            .modelTurn(Self.asks()), .waiting(wait), .waitEnded(wait.id, .chosen("prod", by: "ana@acme.example")),
        ]
        let shop = FakeShop.with("look") { _ in
            try await Task.sleep(for: .seconds(60))
            return .text("late")
        }
        let (result, _) = try await Self.answer([.calls("shop__look")], after: steps, shop: shop, limits: limits)
        #expect(result.outcome.failed?.error.code == .deadline)
        #expect(result.outcome.usage.milliseconds >= 29_900)
    }

    @Test("outside of Slack the tool is not offered, and a model that names it is refused")
    func notOffered() async throws {
        for entryPoint in [Place.EntryPoint.http, .cli] {
            let (result, fixture) = try await Self.answer(
                [.turn(Self.asks()), .says("Both are fine.")], at: entryPoint)
            #expect(result.outcome.answered?.text == "Both are fine.")
            #expect(result.outcome.usage.calls.map(\.outcome) == [.denied])
            #expect(fixture.model.requests.first?.tools.contains { $0.wireName == Self.choose } == false)
        }
    }

    @Test("choices that cannot be buttons go back to the model", arguments: [["one"], [], ["", "b"]] as [[String]])
    func badChoices(choices: [String]) async throws {
        let call = ModelToolCall(
            id: "ask", wireName: Self.choose,
            input: ["question": "Which?", "choices": .array(choices.map(JSONValue.string))])
        let (result, _) = try await Self.answer([.turn(ModelTurn.scripted(calls: [call])), .says("So be it.")])
        #expect(result.outcome.answered?.text == "So be it.")
        #expect(result.outcome.usage.calls.map(\.outcome) == [.failed])
    }
}
