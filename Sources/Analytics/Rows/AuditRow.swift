package import Bridge
package import Foundation

/// What one question left behind: one row of `audit_logs`, under the names of its columns.
package struct AuditRow: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable, CaseIterable { case success, error, warning }

    /// nil until it is written.
    package var id: Int64?
    package var questionID: String?
    package var retryOf: String?
    package var threadKey: String?
    /// When it was asked.
    package var timestamp: Date
    /// When it ended.
    package var createdAt: Date
    package var userEmail: String
    package var userName: String
    package var userRole: String
    package var requestType: String
    package var message: String
    /// 200 characters at most.
    package var messagePreview: String
    /// Model calls.
    package var iterations = 0
    /// Tool calls that were sent; a denied one was not.
    package var toolCallsCount = 0
    /// `server.tool` of the calls that were sent, each once.
    package var toolsUsed: [String] = []
    package var mcpsAccessed: [String] = []
    package var databasesAccessed: [String] = []
    /// Without cache reads and writes.
    package var tokensInput = 0
    package var tokensOutput = 0
    package var tokensCached = 0
    package var tokensCacheWrite = 0
    package var cost = Money.zero
    package var model: String?
    package var priceDate: String?
    package var priceKnown = true
    /// The only call's server, tool and arguments; nil when there was none or more than one.
    package var mcpTarget: String?
    package var toolCalled: String?
    package var toolParameters: JSONValue?
    package var status: Status
    package var warning: String?
    package var durationMilliseconds = 0
    /// 500 characters at most.
    package var responsePreview: String?
    package var errorMessage: String?
    package var errorCode: String?
    package var errorID: String?
    package var slackChannel: String?
    package var slackUserID: String?
    package var slackMessageTS: String?
    package var slackThreadTS: String?
    package var address: String?
    package var userAgent: String?
    package var wasBlocked = false
    /// The rule that refused.
    package var blockReason: String?

    package var success: Bool { status != .error }
}

extension AuditRow {
    /// The row of a question that ended: depends on nothing but its arguments.
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

    /// The whole text up to 200 characters, else its first 197 and three dots, as the original wrote it.
    static func preview(_ text: String) -> String {
        // Not `count`, which would walk through all of a very long text.
        let isLonger = text.dropFirst(200).isEmpty == false
        return isLonger ? text.prefix(197) + "..." : text
    }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// The databases a call named. A DSN is left out: it may hold a password.
    private static func databases(in arguments: JSONValue) -> [String] {
        ServerRules.defaultDatabaseArguments.filter { $0 != "dsn" }.compactMap { arguments[$0]?.string }
    }
}
