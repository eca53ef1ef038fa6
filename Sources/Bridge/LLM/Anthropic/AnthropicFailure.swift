/// Why one attempt returned no turn, and whether another may follow.
struct AnthropicFailure: Error {
    /// When the request may be sent again.
    enum Retry: Sendable, Hashable {
        case never
        /// After the wait of ``RetryPolicy/backoff(_:)``.
        case backoff
        /// After the wait that the server demands.
        case after(Duration)
    }

    let error: BridgeError
    let retry: Retry
    /// Whether the model is overloaded or rate limited, so that another model may answer.
    var isOverload: Bool { error.code == .modelOverloaded }
    /// Tokens of each request that is billed: that of the failed attempt, after those of earlier attempts.
    var spent: [TokenUsage] = []
    /// Whether it passes with time, as an overload does: retries follow a budget of time and not a number.
    var isWaitedOut = false
    /// Whether deltas of the attempt were passed on, which are void now.
    var hasDeltas = false

    /// The error for the caller; its `spent` has the requests to `model` added to those that were billed before.
    func charged(to model: String, besides earlier: [String: [TokenUsage]] = [:]) -> BridgeError {
        var error = self.error
        error.spent = earlier
        if !spent.isEmpty { error.spent[model, default: []] += spent }
        return error
    }
}

extension TokenUsage {
    /// The tokens as those of one billed request; empty without tokens, since nothing was billed then and an entry
    /// would be priced.
    var billed: [TokenUsage] { self == TokenUsage() ? [] : [self] }
}
