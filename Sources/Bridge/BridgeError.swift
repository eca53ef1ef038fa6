/// Why a question failed. A refusal is not an error (see ``QuestionOutcome``).
package struct BridgeError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The stable code, for programs.
    package let code: ErrorCode
    /// What failed and where, as one sentence for users, without secrets, user text or a provider's raw text.
    package let message: String
    /// What the user can do now, as one sentence; empty when there is nothing.
    package let hint: String
    /// For administrators: what is wrong with the configuration or the provider, and what to do, without secrets. nil
    /// for an error that they need not act on.
    package let report: String?
    /// For the log and administrators only: the error of the layer below.
    package let cause: String?
    /// Whether the same request may succeed later.
    package let isRetryable: Bool
    /// By model, the billed tokens of each request of a model turn that ended with this error.
    package var spent: [String: [TokenUsage]] = [:]
    /// The part of the request that the provider refused; nil when it named none.
    package var refused: RefusedPart?
    /// The name of the server that could not be used, with `server_unavailable`.
    package var server: String?

    package init(
        _ code: ErrorCode, _ message: String, hint: String = "", report: String? = nil, cause: String? = nil,
        isRetryable: Bool = false
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.report = report
        self.cause = cause
        self.isRetryable = isRetryable
    }

    /// The message and the hint, for users.
    package var description: String { hint.isEmpty ? message : "\(message) \(hint)" }

    /// The report and the cause; without a report the message and the hint. For administrators.
    package var administratorDescription: String {
        guard let report else { return description }
        return cause.map { "\(report) (\($0))" } ?? report
    }

    /// Code, message, hint, report and cause, for the log.
    package var debugDescription: String {
        let text = report.map { "\(description) \($0)" } ?? description
        return cause.map { "\(code.rawValue): \(text) (\($0))" } ?? "\(code.rawValue): \(text)"
    }
}
