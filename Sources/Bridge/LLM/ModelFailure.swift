/// Why one attempt to get a turn from a provider returned none, and whether another attempt may follow.
struct ModelFailure: Error {
    var error: BridgeError
    /// Whether the request may be sent again.
    var mayRepeat: Bool
    /// The wait that the server demands before the next request; nil: that of ``RetryPolicy/backoff(_:)``.
    var wait: Duration?
    /// Tokens of each request that is billed: that of the failed attempt, after those of earlier attempts.
    var spent: [TokenUsage] = []
    /// Whether it passes with time, as an overload does: retries follow a budget of time and not a number.
    var isWaitedOut = false
    /// Whether deltas of the attempt were passed on, which are void now.
    var hasDeltas = false

    /// The task was cancelled, by its caller or at a deadline.
    static func cancelled(_ spent: [TokenUsage] = []) -> ModelFailure {
        ModelFailure(
            error: BridgeError(.cancelled, "The request to the model was cancelled."), mayRepeat: false, spent: spent)
    }

    /// The same, not repeated because the provider demands too long a wait, which the hint names.
    func tooLongAWait(_ wait: Duration) -> ModelFailure {
        let minutes = max(1, Int((wait.components.seconds + 59) / 60))
        let time = minutes == 1 ? "a minute" : minutes < 120 ? "\(minutes) minutes" : "\(minutes / 60) hours"
        var failure = self
        failure.error = BridgeError(
            error.code, error.message, hint: "Ask again in \(time).", report: error.report, cause: error.cause,
            isRetryable: true)
        failure.mayRepeat = false
        return failure
    }

    /// The error for the caller, with the requests to `model` that are billed.
    func charged(to model: String) -> BridgeError {
        var error = self.error
        if !spent.isEmpty { error.spent[model] = spent }
        return error
    }
}

extension TokenUsage {
    /// The tokens as those of one billed request; empty without tokens, since nothing was billed then and an entry
    /// would be priced.
    var billed: [TokenUsage] { self == TokenUsage() ? [] : [self] }
}
