import Bridge

/// A column of a list of questions, with its value for a question.
struct QuestionColumn: Sendable {
    let column: ReportColumn
    let value: @Sendable (QuestionEntry) -> JSONValue

    private init(
        _ name: String, _ title: String, _ unit: ReportUnit, optional: Bool = false, _ meaning: String,
        value: @escaping @Sendable (QuestionEntry) -> JSONValue
    ) {
        column = ReportColumn(name, title, unit, optional: optional, meaning)
        self.value = value
    }

    static let time = QuestionColumn("time", "Time", .time, "When the question ended, UTC") { .string($0.endedAt) }
    static let user = QuestionColumn("user", "User", .text, "The asker's e-mail") { .string($0.user) }
    static let question = QuestionColumn("question", "Question", .text, "The first 200 characters of the question") {
        .string($0.preview)
    }
    static let cost = QuestionColumn("cost", "Cost", .usd, "The cost, without models of unknown price") {
        .int($0.cost.nano)
    }
    static let isPriceKnown = QuestionColumn(
        "price_known", "Price known", .flag, "False if a model without a known price was used"
    ) { .bool($0.isPriceKnown) }
    static let iterations = QuestionColumn("iterations", "Iterations", .count, "The number of model calls") {
        .int($0.iterations)
    }
    static let calls = QuestionColumn("tool_calls", "Tool calls", .count, "The number of tool calls that were sent") {
        .int($0.calls)
    }
    static let tools = QuestionColumn("tools", "Tools", .list, "The tools that were called, as server.tool") {
        .array($0.tools.map { JSONValue.string($0) })
    }
    static let servers = QuestionColumn("mcps", "Servers", .list, "The servers that were called") {
        .array($0.servers.map { JSONValue.string($0) })
    }
    static let duration = QuestionColumn("duration_ms", "Duration", .milliseconds, "The processing time") {
        .int($0.milliseconds)
    }
    static let tokensInput = QuestionColumn("tokens_input", "Tokens in", .count, "Input tokens without the cache's") {
        .int($0.tokensInput)
    }
    static let tokensOutput = QuestionColumn("tokens_output", "Tokens out", .count, "Output tokens") {
        .int($0.tokensOutput)
    }
    static let tokensCached = QuestionColumn("tokens_cached", "Cached", .count, "Tokens read from the cache") {
        .int($0.tokensCached)
    }
    static let status = QuestionColumn("status", "Status", .text, "success, warning or error") { .string($0.status) }
    static let warning = QuestionColumn("warning", "Warning", .text, optional: true, "Why the status is warning") {
        optional($0.warning)
    }
    static let error = QuestionColumn("error_message", "Error", .text, optional: true, "The error or refusal") {
        optional($0.errorMessage)
    }
    static let errorCode = QuestionColumn("error_code", "Code", .text, optional: true, "The error's code") {
        optional($0.errorCode)
    }
    static let errorID = QuestionColumn("error_id", "Error id", .text, optional: true, "The id that users quote") {
        optional($0.errorID)
    }
    static let isBlocked = QuestionColumn("was_blocked", "Blocked", .flag, "True if a rule or limit refused it") {
        .bool($0.isBlocked)
    }
    static let model = QuestionColumn("model", "Model", .text, optional: true, "The last model that was used") {
        optional($0.model)
    }
    static let auditID = QuestionColumn("audit_id", "Audit id", .count, "The id in audit_logs") { .int($0.auditID) }
    static let questionID = QuestionColumn("question_id", "Question id", .text, "The question's id") {
        .string($0.questionID)
    }

    private static func optional(_ text: String?) -> JSONValue { text.map { JSONValue.string($0) } ?? .null }

    /// The table of some questions.
    static func table(_ title: String, _ columns: [QuestionColumn], _ questions: [QuestionEntry]) -> ReportTable {
        ReportTable(
            title: title, columns: columns.map(\.column),
            rows: questions.map { question in columns.map { $0.value(question) } })
    }
}
