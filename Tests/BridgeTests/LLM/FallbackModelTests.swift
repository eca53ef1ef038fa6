import Logging
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("A fallback model above two clients", .timeLimit(.minutes(1)))
struct FallbackModelTests {
    private let overloaded = BridgeError(.modelOverloaded, "Full.", isRetryable: true)
    private let heard = NIOLockedValueBox<[ModelDelta]>([])

    private func ask(
        _ first: any ModelClient, _ second: ScriptedModel, _ messages: [ModelMessage] = [.user("Q")],
        model: String = "big"
    ) async throws -> ModelTurn {
        let heard = heard
        let client = FallbackModel(first: first, second: second, model: "small", logger: Logger(label: "test"))
        return try await client.turn(.sample(messages, model: model)) { delta in
            heard.withLockedValue { $0.append(delta) }
        }
    }

    private func failure(
        _ first: any ModelClient, _ second: ScriptedModel, model: String = "big"
    ) async -> BridgeError? {
        do {
            _ = try await ask(first, second, model: model)
            return nil
        } catch {
            return error as? BridgeError
        }
    }

    private func rawBlocks(_ request: ModelRequest?) -> [Int] {
        request?.messages.compactMap { if case .turn(let turn) = $0 { turn.rawBlocks.count } else { nil } } ?? []
    }

    @Test("an overloaded model is replaced, which is announced, and its tokens are charged as its own")
    func replaced() async throws {
        var error = overloaded
        error.spent = ["big": [TokenUsage(input: 1)], "small": [TokenUsage(input: 2)]]
        var answer = ModelTurn.scripted("Here.", model: "small")
        answer.spent = ["small": [TokenUsage(input: 3)]]
        let second = ScriptedModel([.turn(answer)])
        let turn = try await ask(ScriptedModel([.failure(error)]), second)
        #expect(turn.text == "Here." && second.requests.map(\.model) == ["small"])
        #expect(turn.spent == ["big": [TokenUsage(input: 1)], "small": [TokenUsage(input: 2), TokenUsage(input: 3)]])
        let told = ModelDelta.retrying(attempt: 1, after: .zero, reason: "big is overloaded; asking small")
        #expect(heard.withLockedValue { $0 } == [told, .text("Here.")])
    }

    @Test("what the overloaded model had said is void", arguments: [false, true])
    func withdrawn(restarts: Bool) async throws {
        let said: [ModelDelta] = restarts ? [.text("Ha"), .restarted] : [.text("Ha")]
        _ = try await ask(Breaking(deltas: said, error: overloaded), ScriptedModel([.says("Whole.")]))
        let deltas = heard.withLockedValue { $0 }
        #expect(deltas.count { $0 == .restarted } == 1)
        #expect(deltas.last == .text("Whole."))
    }

    @Test("when both are overloaded, the second's error has the tokens of both")
    func both() async throws {
        var (first, second) = (overloaded, overloaded)
        first.spent = ["big": [TokenUsage(input: 1)]]
        second.spent = ["small": [TokenUsage(input: 2)]]
        let failure = await failure(ScriptedModel([.failure(first)]), ScriptedModel([.failure(second)]))
        #expect(failure?.spent == ["big": [TokenUsage(input: 1)], "small": [TokenUsage(input: 2)]])
    }

    @Test("any other failure, and an overload of the fallback model itself, is reported as it is")
    func reported() async throws {
        for code in ErrorCode.allCases where code != .modelOverloaded {
            let second = ScriptedModel([.says("No.")])
            let failure = await failure(ScriptedModel([.failure(BridgeError(code, "Broken."))]), second)
            #expect(failure?.code == code && second.requests.isEmpty)
        }
        let second = ScriptedModel([.says("No.")])
        let failure = await failure(ScriptedModel([.failure(overloaded)]), second, model: "small")
        #expect(failure?.code == .modelOverloaded && second.requests.isEmpty)
    }

    @Test("no model gets the raw blocks of the other; a name that a gateway made up is the requested model's")
    func blocks() async throws {
        let turns = ["big", "big-20260101", "small", "gateway/x"].map {
            ModelMessage.turn(.scripted("Words.", model: $0))
        }
        let (first, second) = (ScriptedModel([.failure(overloaded)]), ScriptedModel([.says("Here.")]))
        _ = try await ask(first, second, [.user("Q")] + turns)
        #expect(rawBlocks(first.requests.first) == [1, 1, 0, 1])
        #expect(rawBlocks(second.requests.first) == [0, 0, 1, 1])
    }

    @Test("with a fallback model half of the question's time is for the first, and the fallback waits no overload out")
    func budgets() throws {
        var settings = ModelSettings()
        let now = ContinuousClock.now
        let alone = RetryPolicy(settings).budget(until: now + .seconds(20), at: now)
        #expect(Duration.seconds(17.99)...Duration.seconds(18.01) ~= alone)
        settings.fallbackModel = "small"
        #expect(RetryPolicy(settings).budget(until: now + .seconds(20), at: now) == .seconds(10))
        #expect(RetryPolicy(settings).budget(until: now + .seconds(500), at: now) == .seconds(60))
        #expect(RetryPolicy(settings).budget(until: nil, at: now) == .seconds(60))
        #expect(RetryPolicy(settings).budget(until: now - .seconds(1), at: now) == .zero)
        var budgets: [Duration] = []
        _ = FallbackModel.client(of: settings, logger: Logger(label: "test")) { settings in
            budgets.append(settings.retryBudget)
            return ScriptedModel([])
        }
        #expect(budgets == [.seconds(60), .zero])
    }
}

/// A client that breaks off after these deltas.
private struct Breaking: ModelClient {
    let deltas: [ModelDelta]
    let error: BridgeError

    func turn(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        for delta in deltas { await onDelta(delta) }
        throw error
    }
}
