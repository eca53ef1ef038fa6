/// What broke while a question was answered. A refusal is no error (see ``AnswerEvent``).
package struct BridgeError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package let code: ErrorCode
    /// What failed and on what, as one sentence for people, without secrets, user text or a provider's raw words.
    package let message: String
    /// What the reader can do now, as one sentence; empty when there is nothing.
    package let hint: String
    /// For the log only: what the layer below said.
    package let cause: String?
    /// Whether asking again later may work.
    package let isRetryable: Bool
    /// Of a model's turn that came to nothing: by model the tokens that are billed all the same.
    package var spent: [String: TokenUsage] = [:]

    package init(
        _ code: ErrorCode, _ message: String, hint: String = "", cause: String? = nil, isRetryable: Bool = false
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.cause = cause
        self.isRetryable = isRetryable
    }

    package var description: String { hint.isEmpty ? message : "\(message) \(hint)" }

    package var debugDescription: String {
        cause.map { "\(code.rawValue): \(description) (\($0))" } ?? "\(code.rawValue): \(description)"
    }
}
