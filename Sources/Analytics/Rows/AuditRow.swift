package import Bridge
package import Foundation

/// The audit log's row of one question: one row of `audit_logs`, with the names of its columns.
package struct AuditRow: Sendable, Hashable {
    /// The column `status`. `warning`: cancelled, or answered with a warning.
    package enum Status: String, Sendable, Hashable, CaseIterable { case success, error, warning }

    /// nil before the row is written.
    package var id: Int64?
    /// The question's id.
    package var questionID: String?
    /// The id of the question that this one repeats.
    package var retryOf: String?
    package var threadKey: String?
    /// When the question was asked.
    package var timestamp: Date
    /// When the question ended.
    package var createdAt: Date
    /// The asker's e-mail, name and role when the question ended.
    package var userEmail: String
    package var userName: String
    package var userRole: String
    /// The raw value of the question's kind.
    package var requestType: String
    /// The text of the question.
    package var message: String
    /// At most 200 characters.
    package var messagePreview: String
    /// Number of model calls.
    package var iterations = 0
    /// Number of tool calls that were sent to a server; denied calls do not count.
    package var toolCallsCount = 0
    /// `server.tool` of the calls that were sent, without repetitions.
    package var toolsUsed: [String] = []
    /// Servers of the calls that were sent, without repetitions.
    package var mcpsAccessed: [String] = []
    /// Values of the calls' database arguments, without repetitions.
    package var databasesAccessed: [String] = []
    /// Input tokens without cache reads and writes.
    package var tokensInput = 0
    package var tokensOutput = 0
    /// Tokens read from and written to the provider's cache.
    package var tokensCached = 0
    package var tokensCacheWrite = 0
    /// The cost without models of unknown price, see ``priceKnown``.
    package var cost = Money.zero
    /// The model that was used; nil if none was.
    package var model: String?
    /// The day of the price list, `2026-11-22`; nil if none was used.
    package var priceDate: String?
    /// False if a model without a known price was used.
    package var priceKnown = true
    /// Server, tool and arguments if exactly one call was sent, else nil.
    package var mcpTarget: String?
    package var toolCalled: String?
    package var toolParameters: JSONValue?
    package var status: Status
    /// The reason of the status `warning`, such as `cancelled` or `doubled`.
    package var warning: String?
    /// Processing time.
    package var durationMilliseconds = 0
    /// At most 500 characters of the answer or the refusal; nil for other outcomes.
    package var responsePreview: String?
    /// Message and code of a refusal or failure, else nil; the code also for a cancelled question.
    package var errorMessage: String?
    package var errorCode: String?
    /// The failure's id, as shown to the asker: `E-` and eight characters; else nil.
    package var errorID: String?
    /// Channel, user and timestamps at the entry point; nil where it has none.
    package var slackChannel: String?
    package var slackUserID: String?
    package var slackMessageTS: String?
    package var slackThreadTS: String?
    /// The client's address and user agent (HTTP); nil for other entry points.
    package var address: String?
    package var userAgent: String?
    /// True for a refused question.
    package var wasBlocked = false
    /// The rule that refused the question.
    package var blockReason: String?

    /// The column `success`: the status is not `error`.
    package var success: Bool { status != .error }
}

extension AuditRow {
    /// The row of a finished question. Depends on nothing but its argument.
    package init(_ finished: FinishedQuestion) {
        let question = finished.question
        let usage = finished.outcome.usage
        self.init(
            questionID: question.id.text, retryOf: finished.retryOf?.text, threadKey: question.threadKey,
            timestamp: question.askedAt, createdAt: finished.finishedAt, userEmail: question.asker.email,
            userName: question.asker.name, userRole: question.asker.role, requestType: question.kind.rawValue,
            message: question.text, messagePreview: Self.preview(question.text), status: .success)
        count(usage)
        slackChannel = finished.origin.channel
        slackUserID = finished.origin.userID
        slackMessageTS = finished.origin.messageTS
        slackThreadTS = finished.origin.threadTS
        address = finished.origin.address
        userAgent = finished.origin.userAgent
        end(finished.outcome, question)
    }

    private mutating func count(_ usage: Usage) {
        let sent = usage.calls.filter { $0.outcome != .denied }
        iterations = usage.iterations
        toolCallsCount = sent.count
        toolsUsed = Self.distinct(sent.map(\.name.description))
        mcpsAccessed = Self.distinct(sent.map(\.name.server))
        databasesAccessed = Self.distinct(sent.flatMap { Self.databases(in: $0.arguments) })
        tokensInput = usage.tokens.input
        tokensOutput = usage.tokens.output
        tokensCached = usage.tokens.cacheRead
        tokensCacheWrite = usage.tokens.cacheWrite
        cost = usage.cost
        model = usage.model
        priceDate = usage.priceDate
        priceKnown = usage.priceKnown
        durationMilliseconds = usage.milliseconds
        if sent.count == 1, let only = sent.first {
            mcpTarget = only.name.server
            toolCalled = only.name.tool
            toolParameters = only.arguments
        }
    }

    private mutating func end(_ outcome: QuestionOutcome, _ question: Question) {
        switch outcome {
        case .answered(let answer):
            status = answer.warning == nil ? .success : .warning
            warning = answer.warning?.rawValue
            responsePreview = String(answer.text.prefix(500))
        case .refused(let refusal):
            status = .error
            wasBlocked = true
            blockReason = refusal.rule
            errorMessage = refusal.message
            errorCode = ErrorCode.refused.rawValue
            responsePreview = String(refusal.message.prefix(500))
        case .failed(let failure), .interrupted(let failure):
            status = .error
            errorMessage = failure.error.description
            errorCode = failure.error.code.rawValue
            errorID = failure.errorID
        case .cancelled:
            status = .warning
            warning = "cancelled"
            errorCode = ErrorCode.cancelled.rawValue
        }
    }

    /// The text if it has at most 200 characters, else its first 197 and three dots, the format of the original system.
    static func preview(_ text: String) -> String {
        // `count` would iterate over all of a long text.
        let isLonger = text.dropFirst(200).isEmpty == false
        return isLonger ? text.prefix(197) + "..." : text
    }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// The values of the database arguments, without `dsn`: a DSN may contain a password.
    private static func databases(in arguments: JSONValue) -> [String] {
        ServerRules.defaultDatabaseArguments.filter { $0 != "dsn" }.compactMap { arguments[$0]?.string }
    }
}
