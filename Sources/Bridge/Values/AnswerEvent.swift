/// An event during an answer. The end of the answer is not an event but the returned ``QuestionOutcome``.
package enum AnswerEvent: Sendable {
    /// The current activity, which replaces the previous status: "is thinking".
    case status(String)
    /// A call is about to be sent.
    case toolStarted(ToolActivity)
    /// A call ended, was denied, or was taken from the journal; the last two have no `toolStarted` before them.
    case toolFinished(ToolActivity)
    /// The whole result of a call that the asker named (``Question/call``), before it is trimmed.
    case toolReturned(ToolResult)
    /// A further part of the answer's text, in Markdown.
    case text(String)
    /// The text so far was no part of the answer: with it the model introduced the tool calls that follow. The whole
    /// text, in Markdown.
    case narration(String)
    /// Discard the text so far: the request is retried, or fails.
    case textWithdrawn
}

/// A tool call as users and the audit log see it.
package struct ToolActivity: Sendable, Hashable {
    /// The state of a call; the raw value is stored.
    package enum Outcome: String, Sendable, Hashable {
        case running, succeeded, failed, denied
        /// The call may have been sent and no result was received: whether it took effect is not known.
        case unknown
    }

    /// The id that the provider gave the call, made unique within its model turn.
    package let id: String
    package let name: ToolName
    /// An object.
    package let arguments: JSONValue
    package var outcome: Outcome
    /// The duration of the call; 0 until it has ended.
    package var milliseconds: Int
    /// The size in bytes of the result's text before it was trimmed.
    package var resultBytes: Int
    /// The verdict that allowed or denied the call.
    package let verdict: Verdict
    /// The error or the reason of the denial; nil for a call that succeeded.
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

/// Model calls, tokens, cost and tool calls of a question. Every outcome carries them, so that failures are charged
/// too.
package struct Usage: Sendable, Hashable {
    /// The number of model turns that completed.
    package var iterations = 0
    /// The tokens of all model turns, failed ones included.
    package var tokens = TokenUsage()
    /// At list price.
    package var cost = Money.zero
    /// False when a model without a known price was used; `cost` does not include its tokens.
    package var priceKnown = true
    /// The date of the price list that was used, `2026-11-22`; nil when none was.
    package var priceDate: String?
    /// The model of the newest turn; nil when no model was called.
    package var model: String?
    /// Tool calls that were sent or denied.
    package var calls: [ToolActivity] = []
    /// The duration of the answer.
    package var milliseconds = 0

    package init() {}
}

/// Token counts as the provider reports them; `input` excludes cache reads and writes.
package struct TokenUsage: Sendable, Hashable {
    /// Prompt tokens that were neither read from nor written to the cache.
    package var input = 0
    /// Generated tokens.
    package var output = 0
    /// Prompt tokens that were read from the cache.
    package var cacheRead = 0
    /// Written to the cache with a lifetime of five minutes.
    package var cacheWrite5m = 0
    /// Written to the cache with a lifetime of one hour.
    package var cacheWrite1h = 0

    package init(input: Int = 0, output: Int = 0, cacheRead: Int = 0, cacheWrite5m: Int = 0, cacheWrite1h: Int = 0) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
    }

    /// Written to the cache with either lifetime.
    package var cacheWrite: Int { cacheWrite5m + cacheWrite1h }

    package static func += (left: inout TokenUsage, right: TokenUsage) {
        left.input += right.input
        left.output += right.output
        left.cacheRead += right.cacheRead
        left.cacheWrite5m += right.cacheWrite5m
        left.cacheWrite1h += right.cacheWrite1h
    }
}

/// The final answer of a question.
package struct Answer: Sendable {
    /// The whole text, in Markdown.
    package var text: String
    /// A deficiency of the answer, for its reader and the audit log; nil when there is none.
    package var warning: AnswerWarning?
    package var usage: Usage
    /// The images of its tool calls.
    package let files: AnswerFiles
    /// What was not read of the files that the asker attached.
    package var attachmentNotes: [AttachmentNote] = []

    package init(
        text: String, warning: AnswerWarning? = nil, usage: Usage, files: AnswerFiles = AnswerFiles()
    ) {
        self.text = text
        self.warning = warning
        self.usage = usage
        self.files = files
    }
}

/// A deficiency of an answer; the raw value is `warning` in the audit log and over HTTP.
package enum AnswerWarning: String, Sendable, Hashable {
    /// The model used all its turns and answered with what it had found until then.
    case maxIterations = "max_iterations_reached"
    /// The answer was cut at the model's output limit or at the end of its context window.
    case truncated = "answer_truncated"
    /// The store did not accept the answer. Replaces any other warning. Only the caller that waits for the answer
    /// receives it; it is not in the audit log.
    case notRecorded = "not_recorded"
}

/// A question that a rule or a limit refused. Not an error.
package struct Refusal: Sendable {
    /// What is refused and why, for the asker.
    package let message: String
    /// The rule that decided, as the audit log stores it.
    package let rule: String
    package let usage: Usage

    package init(message: String, rule: String, usage: Usage) {
        self.message = message
        self.rule = rule
        self.usage = usage
    }
}

/// A question that ended with an error.
package struct Failure: Sendable {
    package let error: BridgeError
    /// The id that users quote and the log holds: ``ULID/errorID`` of the question.
    package let errorID: String
    package let usage: Usage

    package init(error: BridgeError, errorID: String, usage: Usage) {
        self.error = error
        self.errorID = errorID
        self.usage = usage
    }
}
