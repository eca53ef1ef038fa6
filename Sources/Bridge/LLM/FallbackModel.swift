import Logging
import NIOConcurrencyHelpers

/// A model client above two others: asks the second for another model when the first reports an overload that it could
/// not wait out. Both may be of any provider.
struct FallbackModel: ModelClient {
    let first: any ModelClient
    let second: any ModelClient
    /// The provider's id of the model that `second` is asked for.
    let model: String
    let logger: Logger

    /// The client of `settings`, with a fallback if one is set. The fallback waits no overload out, since the first model
    /// may have used half of the question's time for that.
    ///
    /// - Parameter make: creates a client without a fallback.
    static func client(
        of settings: ModelSettings, logger: Logger, make: (ModelSettings) throws -> any ModelClient
    ) rethrows -> any ModelClient {
        let first = try make(settings)
        guard let model = settings.fallbackModel else { return first }
        var other = settings
        other.retryBudget = .zero
        return FallbackModel(first: first, second: try make(other), model: model, logger: logger)
    }

    /// See ``ModelClient/turn(_:onDelta:)``. Tokens of both models are in `spent` of the turn or the error.
    func turn(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        let hasDeltas = NIOLockedValueBox(false)
        do {
            return try await first.turn(request.without(blocksOf: model)) { delta in
                switch delta {
                case .text, .thinking: hasDeltas.withLockedValue { $0 = true }
                case .restarted: hasDeltas.withLockedValue { $0 = false }
                case .retrying: break
                }
                await onDelta(delta)
            }
        } catch let error as BridgeError where error.code == .modelOverloaded && model != request.model {
            logger.warning("asking the fallback model", metadata: ["model": "\(model)"])
            if hasDeltas.withLockedValue({ $0 }) { await onDelta(.restarted) }
            let reason = "\(request.model) is overloaded; asking \(model)"
            await onDelta(.retrying(attempt: 1, after: .zero, reason: reason))
            return try await turn(request, after: error, onDelta)
        }
    }

    private func turn(
        _ request: ModelRequest, after error: BridgeError, _ onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        var other = request
        other.model = model
        do {
            var turn = try await second.turn(other.without(blocksOf: request.model), onDelta: onDelta)
            turn.spent = error.spent.merging(turn.spent, uniquingKeysWith: +)
            return turn
        } catch var failure as BridgeError {
            failure.spent = error.spent.merging(failure.spent, uniquingKeysWith: +)
            throw failure
        }
    }
}

extension ModelRequest {
    /// The request without the raw blocks of turns that `other` made: a thinking block is valid only for the model that
    /// wrote it. Any other name is taken for the requested model, since gateways may answer under another name.
    fileprivate func without(blocksOf other: String) -> ModelRequest {
        guard ModelID.bare(other) != ModelID.bare(model) else { return self }
        var request = self
        request.messages = messages.map { message in
            guard case .turn(var turn) = message, ModelID.bare(turn.model) == ModelID.bare(other) else {
                return message
            }
            turn.rawBlocks = []
            return .turn(turn)
        }
        return request
    }
}
