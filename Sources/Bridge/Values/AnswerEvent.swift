/// What the bridge says while it answers; when it has ended it returns a ``QuestionOutcome``.
package enum AnswerEvent: Sendable {
    /// What is being done now, to be shown in place of the status before: "asking the model".
    case status(String)
    case toolStarted(ToolActivity)
    case toolFinished(ToolActivity)
    /// More of the answer's text, in Markdown.
    case text(String)
    /// The text so far was not the answer (it led up to tool calls, or the request is tried again): start anew.
    case textWithdrawn
}

/// A tool call as people and the record see it.
package struct ToolActivity: Sendable, Hashable {
    package enum Outcome: String, Sendable, Hashable {
        case running, succeeded, failed, denied
        /// The call was sent and its result never came: it happened or it did not.
        case unknown
    }

    /// Unique in its question.
    package let id: String
    package let name: ToolName
    package let arguments: JSONValue
    package var outcome: Outcome
    package var milliseconds: Int
    /// Bytes of the result before it was trimmed.
    package var resultBytes: Int
    /// The verdict under which it ran or was denied.
    package let verdict: Verdict
    /// What failed, in one line; nil when nothing did.
    package var error: String?

    package init(id: String, name: ToolName, arguments: JSONValue, verdict: Verdict) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.verdict = verdict
        outcome = .running
        milliseconds = 0
        resultBytes = 0
        error = nil
    }
}

/// What a question used so far: carried by every ending, so that failures are charged too.
package struct Usage: Sendable, Hashable {
    /// Model calls.
    package var iterations = 0
    package var tokens = TokenUsage()
    package var cost = Money.zero
    /// False when a model without a known price was used: `cost` then leaves it out.
    package var priceKnown = true
    /// The day of the price list that was used, `2026-11-22`; nil when none was.
    package var priceDate: String?
    package var model: String?
    package var calls: [ToolActivity] = []
    package var milliseconds = 0

    package init() {}
}

/// Tokens as the provider counts them; `input` excludes cache reads and writes.
package struct TokenUsage: Sendable, Hashable {
    package var input = 0
    package var output = 0
    package var cacheRead = 0
    package var cacheWrite5m = 0
    package var cacheWrite1h = 0

    package init(input: Int = 0, output: Int = 0, cacheRead: Int = 0, cacheWrite5m: Int = 0, cacheWrite1h: Int = 0) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
    }

    package var cacheWrite: Int { cacheWrite5m + cacheWrite1h }

    package static func += (left: inout TokenUsage, right: TokenUsage) {
        left.input += right.input
        left.output += right.output
        left.cacheRead += right.cacheRead
        left.cacheWrite5m += right.cacheWrite5m
        left.cacheWrite1h += right.cacheWrite1h
    }
}

package struct Answer: Sendable {
    /// Markdown, whole.
    package let text: String
    /// What the record and the reader must know about the answer; nil when all is well.
    package let warning: AnswerWarning?
    package let usage: Usage

    package init(text: String, warning: AnswerWarning? = nil, usage: Usage) {
        self.text = text
        self.warning = warning
        self.usage = usage
    }
}

/// `warning` in the record and over HTTP.
package enum AnswerWarning: String, Sendable, Hashable {
    /// The model used all its turns and answered from what it had.
    case maxIterations = "max_iterations_reached"
    /// The answer ends where the model's output limit cut it.
    case truncated = "answer_truncated"
    /// The record did not take the answer, whatever else is to be known of it. For who waits for the answer only.
    case notRecorded = "not_recorded"
}

package struct Refusal: Sendable {
    /// What is refused, why, and whom to ask.
    package let message: String
    /// The rule that decided, as the record keeps it.
    package let rule: String
    package let usage: Usage

    package init(message: String, rule: String, usage: Usage) {
        self.message = message
        self.rule = rule
        self.usage = usage
    }
}

package struct Failure: Sendable {
    package let error: BridgeError
    package let errorID: String
    package let usage: Usage

    package init(error: BridgeError, errorID: String, usage: Usage) {
        self.error = error
        self.errorID = errorID
        self.usage = usage
    }
}
