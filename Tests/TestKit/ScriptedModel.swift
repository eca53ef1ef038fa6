package import Bridge
import NIOConcurrencyHelpers

/// A model client with scripted turns, which records its requests.
package final class ScriptedModel: ModelClient {
    /// How the model responds to a request.
    package enum Reply: Sendable {
        /// Emits the turn's text in one delta and returns the turn.
        case turn(ModelTurn)
        /// Emits these deltas, then returns the turn.
        case hearing([ModelDelta], ModelTurn)
        case failure(BridgeError)
        /// Emits nothing until the task is cancelled, then throws this error.
        case failureWhenCancelled(BridgeError)
        /// Emits nothing until the task is cancelled.
        case silence
    }

    private struct State {
        var replies: [Reply]
        var requests: [ModelRequest] = []
    }

    private let state: NIOLockedValueBox<State>

    /// - Parameter replies: one for each request, in order; a request beyond them fails with `internal_error`.
    package init(_ replies: [Reply]) { state = NIOLockedValueBox(State(replies: replies)) }

    /// All requests so far, in order.
    package var requests: [ModelRequest] { state.withLockedValue { $0.requests } }

    package func turn(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        let reply = state.withLockedValue { state -> Reply? in
            state.requests.append(request)
            return state.replies.isEmpty ? nil : state.replies.removeFirst()
        }
        switch reply {
        case .turn(let turn):
            if !turn.text.isEmpty { await onDelta(.text(turn.text)) }
            return turn
        case .hearing(let deltas, let turn):
            for delta in deltas { await onDelta(delta) }
            return turn
        case .failure(let error): throw error
        case .failureWhenCancelled(let error):
            try? await Task.sleep(for: .seconds(3600))
            throw error
        case .silence:
            while true { try await Task.sleep(for: .seconds(3600)) }
        case nil: throw BridgeError(.internalError, "The script has no reply to this request.")
        }
    }
}

extension ModelTurn {
    /// A turn of `claude-3-5-haiku` with the tokens of the original system's price example, which cost $0.0021.
    package static func scripted(
        _ text: String = "", calls: [ModelToolCall] = [], stop: Stop? = nil,
        usage: TokenUsage = TokenUsage(input: 140, output: 346, cacheRead: 7589), model: String = "claude-3-5-haiku"
    ) -> ModelTurn {
        let words: [JSONValue] = text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
        let uses: [JSONValue] = calls.map {
            ["type": "tool_use", "id": .string($0.id), "name": .string($0.wireName), "input": $0.input ?? [:]]
        }
        return ModelTurn(
            provider: "anthropic", rawBlocks: (words + uses).map { $0.text() }, text: text, calls: calls,
            stop: stop ?? (calls.isEmpty ? .endTurn : .toolUse), usage: usage, model: model)
    }
}

extension ScriptedModel.Reply {
    /// A turn that ends with this text.
    package static func says(_ text: String, stop: ModelTurn.Stop = .endTurn) -> Self {
        .turn(.scripted(text, stop: stop))
    }

    /// A turn that calls these tools, each with an empty input; ids are `1`, `2`, … unless given.
    package static func calls(_ wireNames: String..., ids: [String] = [], saying text: String = "") -> Self {
        let calls = wireNames.enumerated().map { index, name in
            ModelToolCall(id: index < ids.count ? ids[index] : "\(index + 1)", wireName: name, input: [:])
        }
        return .turn(.scripted(text, calls: calls))
    }

    /// A turn with one call.
    package static func call(_ wireName: String, _ input: JSONValue?, id: String = "1") -> Self {
        .turn(.scripted(calls: [ModelToolCall(id: id, wireName: wireName, input: input)]))
    }
}
