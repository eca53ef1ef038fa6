import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("Outcomes of an answer", .timeLimit(.minutes(5)))
struct QuestionOutcomeTests {
    @Test("the usage is complete: turns, tokens, cost, model, price date, calls")
    func usage() async throws {
        let one = try await AgentFixture([.says("Fine.")], .answering("look")).answer()
        #expect(one.usage.cost == Money(nano: 2_103_120))
        #expect("\(one.usage.cost)" == "$0.0021")
        let usage = try await AgentFixture([.calls("shop__look"), .says("Fine.")], .answering("look")).answer().usage
        #expect(usage.iterations == 2)
        #expect(usage.tokens == TokenUsage(input: 280, output: 692, cacheRead: 15_178))
        #expect(usage.cost == Money(nano: 4_206_240))
        #expect(usage.model == "claude-3-5-haiku")
        #expect(usage.priceKnown && usage.priceDate == Pricing.date)
        #expect(usage.calls.map(\.outcome) == [.succeeded])
    }

    @Test("a model without a known price is marked so, and no cost is invented")
    func unknownPrice() async throws {
        let turn = ModelTurn.scripted("Fine.", model: "house-model-7b")
        let usage = try await AgentFixture([.turn(turn)], .answering("look")).answer().usage
        #expect(!usage.priceKnown && usage.cost == .zero && usage.priceDate == nil)
    }

    @Test("a failure has the question's error id and its usage, and its text for users never contains the cause")
    func failure() async throws {
        let error = BridgeError(
            .modelUnavailable, "The model cannot be reached.", hint: "Try again.", cause: "curl 7 at 10.0.0.1",
            isRetryable: true)
        let fixture = AgentFixture([.calls("shop__look"), .failure(error)], .answering("look"))
        let question = AgentFixture.question()
        let outcome = try await fixture.answer(question)
        let failure = try #require(outcome.failed)
        #expect(failure.errorID == question.id.errorID)
        #expect(failure.error.code == .modelUnavailable)
        #expect("\(failure.error)" == "The model cannot be reached. Try again.")
        #expect(failure.usage.iterations == 1 && failure.usage.calls.map(\.id) == ["1"])
        #expect(failure.usage.cost == Money(nano: 2_103_120))
    }

    /// An error of a turn that was billed like a scripted turn.
    private static func billed(_ code: ErrorCode, model: String = "claude-3-5-haiku") -> BridgeError {
        var error = BridgeError(code, "The answer broke off.")
        error.spent = [model: [TokenUsage(input: 140, output: 346, cacheRead: 7589)]]
        return error
    }

    @Test("a turn that fails after it was billed is charged to the asker")
    func billedFailure() async throws {
        let replies: [ScriptedModel.Reply] = [.calls("shop__look"), .failure(Self.billed(.modelUnavailable))]
        let usage = try #require(try await AgentFixture(replies, .answering("look")).answer().failed).usage
        #expect(usage.iterations == 1)
        #expect(usage.tokens == TokenUsage(input: 280, output: 692, cacheRead: 15_178))
        #expect(usage.cost == Money(nano: 4_206_240))
        #expect(usage.priceKnown && usage.priceDate == Pricing.date)
    }

    @Test("a first turn that is billed and fails names its model, and is priced by it")
    func billedFirstTurn() async throws {
        let known = try await AgentFixture([.failure(Self.billed(.modelUnavailable))], .answering("look")).answer()
        #expect(known.usage.model == "claude-3-5-haiku")
        #expect(known.usage.cost == Money(nano: 2_103_120))
        let failure = Self.billed(.modelUnavailable, model: "house-model-7b")
        let unknown = try await AgentFixture([.failure(failure)], .answering("look")).answer()
        #expect(!unknown.usage.priceKnown && unknown.usage.cost == .zero && unknown.usage.tokens.input == 140)
    }

    @Test("the usage of another model before this one answered is charged at that model's price")
    func billedFallback() async throws {
        var turn = ModelTurn.scripted("Fine.")
        turn.spent = ["claude-opus-5-5": [TokenUsage(input: 1_000)]]
        let usage = try await AgentFixture([.turn(turn)], .answering("look")).answer().usage
        #expect(usage.cost == Money(nano: 2_103_120 + 4_000_000))
        #expect(usage.tokens.input == 1_140)
        #expect(usage.iterations == 1 && usage.model == "claude-3-5-haiku")
    }

    @Test("each request is priced by the length of its own prompt, not by that of all attempts together")
    func billedAttempts() async throws {
        let prompt = TokenUsage(input: 60_000)
        var turn = ModelTurn.scripted("Fine.", usage: prompt, model: "claude-haiku-5-5")
        turn.spent = ["claude-haiku-5-5": [prompt, prompt]]
        let usage = try await AgentFixture([.turn(turn)], .answering("look")).answer().usage
        #expect(usage.tokens.input == 180_000 && usage.iterations == 1)
        #expect(usage.cost == Money(nano: 18_000_000), "the price of prompts above 100,000 tokens is five times that")
    }

    @Test("a turn cancelled at the deadline is charged")
    func billedDeadline() async throws {
        var fixture = AgentFixture([.failureWhenCancelled(Self.billed(.cancelled))], .answering("look"))
        fixture.limits.deadline = .seconds(2)
        let failure = try #require(try await fixture.answer().failed)
        #expect(failure.error.code == .deadline)
        #expect(failure.usage.cost == Money(nano: 2_103_120))
    }

    @Test("at the deadline the running call is cancelled and recorded as unknown, and the outcome is deadline")
    func deadline() async throws {
        let isStopped = NIOLockedValueBox(false)
        let shop = FakeShop([
            .init(name: "look") { _ in .text("seen") },
            .init(name: "wait") { _ in
                do {
                    try await Task.sleep(for: .seconds(60))
                } catch {
                    isStopped.withLockedValue { $0 = true }
                    throw error
                }
                return .text("too late")
            },
        ])
        var fixture = AgentFixture([.calls("shop__look", "shop__wait"), .says("Too late.")], shop)
        fixture.limits.deadline = .seconds(4)
        let question = AgentFixture.question()
        let outcome = try await fixture.answer(question)
        let failure = try #require(outcome.failed)
        #expect(failure.error.code == .deadline)
        #expect(failure.errorID == question.id.errorID)
        #expect(isStopped.withLockedValue { $0 })
        #expect(failure.usage.iterations == 1)
        #expect(failure.usage.calls.map(\.outcome) == [.succeeded, .unknown])
        #expect(failure.usage.milliseconds >= 3900)
        #expect(fixture.events.last == "finished 2 unknown")
        #expect(fixture.model.requests.count == 1)
    }

    @Test("an answer whose task is cancelled ends as cancelled, with its usage and calls")
    func cancelled() async throws {
        let shop = FakeShop.with("wait") { _ in
            try await Task.sleep(for: .seconds(60))
            return .text("too late")
        }
        var fixture = AgentFixture([.calls("shop__wait", "shop__wait", ids: ["a", "b"])], shop)
        fixture.limits.parallelTools = 1
        let asked = fixture
        let outcome = try await fixture.running { bridge in
            try await withThrowingTaskGroup(of: QuestionOutcome.self) { group in
                group.addTask { await asked.ask(AgentFixture.question(), bridge) }
                try await eventually("the call runs") { shop.calls == ["wait"] }
                group.cancelAll()
                return try #require(await group.next())
            }
        }
        #expect(outcome.isCancelled)
        #expect(outcome.usage.iterations == 1)
        #expect(outcome.usage.calls.map(\.id) == ["a"])
        #expect(shop.calls == ["wait"])
    }

    @Test("a cancellation during a model request ends as cancelled too")
    func cancelledInModel() async throws {
        let fixture = AgentFixture([.silence], .answering("look"))
        let outcome = try await fixture.running { bridge in
            try await withThrowingTaskGroup(of: QuestionOutcome.self) { group in
                group.addTask { await fixture.ask(AgentFixture.question(), bridge) }
                try await eventually("the model is asked") { fixture.model.requests.count == 1 }
                group.cancelAll()
                return try #require(await group.next())
            }
        }
        #expect(outcome.isCancelled)
    }

    @Test("a question that is too long is refused with the time that took")
    func tooLongTime() async throws {
        let text = String(repeating: "🧑‍🔧", count: 1_000_000)
        let outcome = try await AgentFixture([], .answering("look")).answer(AgentFixture.question(text))
        #expect(outcome.refused?.rule == "built-in question.max_characters")
        #expect(outcome.usage.milliseconds > 0)
    }

    @Test("a question that is too long is refused without a model request")
    func tooLong() async throws {
        var fixture = AgentFixture([], .answering("look"))
        fixture.limits.questionCharacters = 10
        let outcome = try await fixture.answer(AgentFixture.question("How is the shop?"))
        #expect(outcome.refused?.rule == "built-in question.max_characters")
        #expect(outcome.refused?.message.contains("16 characters; at most 10") == true)
        #expect(fixture.model.requests.isEmpty)
    }
}
