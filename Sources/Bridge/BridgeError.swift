/// Why a question failed. A refusal is not an error (see ``QuestionOutcome``).
package struct BridgeError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The stable code, for programs.
    package let code: ErrorCode
    /// What failed and where, as one sentence for users, without secrets, user text or a provider's raw text.
    package let message: String
    /// What the user can do now, as one sentence; empty when there is nothing.
    package let hint: String
    /// For the log only: the error of the layer below.
    package let cause: String?
    /// Whether the same request may succeed later.
    package let isRetryable: Bool
    /// By model, the billed tokens of each request of a model turn that ended with this error.
    package var spent: [String: [TokenUsage]] = [:]
    /// The part of the request that the provider refused; nil when it named none.
    package var refused: RefusedPart?

    package init(
        _ code: ErrorCode, _ message: String, hint: String = "", cause: String? = nil, isRetryable: Bool = false
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.cause = cause
        self.isRetryable = isRetryable
    }

    /// The message and the hint, for users.
    package var description: String { hint.isEmpty ? message : "\(message) \(hint)" }

    /// Code, message, hint and cause, for the log.
    package var debugDescription: String {
        cause.map { "\(code.rawValue): \(description) (\($0))" } ?? "\(code.rawValue): \(description)"
    }
}
