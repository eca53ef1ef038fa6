/// Why one attempt gave no turn, and what may be done about it.
struct AnthropicFailure: Error {
    enum Retry: Sendable, Hashable {
        case never
        case backoff
        /// The server named the wait.
        case after(Duration)
    }

    let error: BridgeError
    let retry: Retry
    /// The model has no room now; another model may.
    var isOverload: Bool { error.code == .modelOverloaded }
    /// Tokens that the attempt is billed for all the same.
    var usage = TokenUsage()
    /// Something of the attempt was heard, and is void.
    var wasHeard = false

    /// The error for the caller, with the tokens of this model and those that were spent before.
    func charged(to model: String, besides spent: [String: TokenUsage] = [:]) -> BridgeError {
        var error = self.error
        error.spent = spent
        // Without tokens nothing was billed, and no price is wanted.
        if usage != TokenUsage() { error.spent[model, default: TokenUsage()] += usage }
        return error
    }
}
