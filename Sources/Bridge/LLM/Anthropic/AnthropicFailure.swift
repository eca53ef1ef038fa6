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
    /// Tokens that the failed attempt is billed for.
    var usage = TokenUsage()
    /// Whether deltas of the attempt were passed on, which are void now.
    var wasHeard = false

    /// The error for the caller; its `spent` has the tokens of `model` added to those that were spent before.
    func charged(to model: String, besides spent: [String: TokenUsage] = [:]) -> BridgeError {
        var error = self.error
        error.spent = spent
        // Without tokens nothing was billed; an entry would be priced.
        if usage != TokenUsage() { error.spent[model, default: TokenUsage()] += usage }
        return error
    }
}
