import Bridge

/// A question in a list of a report: some columns of `audit_logs`, with the cost after repricing.
struct QuestionEntry: Sendable {
    let auditID: Int64
    let questionID: String
    /// When it ended, in the format of ``Timestamp``.
    let endedAt: String
    let user: String
    let preview: String
    let iterations: Int64
    let calls: Int64
    let tools: [String]
    let servers: [String]
    let tokensInput: Int64
    let tokensOutput: Int64
    let tokensCached: Int64
    let cost: Money
    let isPriceKnown: Bool
    let milliseconds: Int64
    let status: String
    let warning: String?
    let errorMessage: String?
    let errorCode: String?
    let errorID: String?
    let isBlocked: Bool
    let model: String?

    /// The columns for ``init(_:)``, with `audit_reprice` joined.
    static func selection(_ dialect: SQLDialect) -> String {
        """
        audit_logs.id AS audit_id, question_id, \(dialect.selected("created_at", .time)), user_email, message_preview,
            iterations, tool_calls_count, \(dialect.selected("tools_used", .strings)),
            \(dialect.selected("mcps_accessed", .strings)), tokens_input, tokens_output, tokens_cached,
            coalesce(audit_reprice.new_nano, audit_logs.cost_nano) AS cost,
            (audit_logs.price_known OR audit_reprice.audit_id IS NOT NULL) AS is_priced,
            duration_ms, status, warning, error_message, error_code, error_id, was_blocked, model
        """
    }

    init(_ row: SQLRow) {
        auditID = row.int("audit_id") ?? 0
        questionID = row.text("question_id") ?? ""
        endedAt = row.text("created_at") ?? ""
        user = row.text("user_email") ?? ""
        preview = row.text("message_preview") ?? ""
        iterations = row.int("iterations") ?? 0
        calls = row.int("tool_calls_count") ?? 0
        tools = row.strings("tools_used")
        servers = row.strings("mcps_accessed")
        tokensInput = row.int("tokens_input") ?? 0
        tokensOutput = row.int("tokens_output") ?? 0
        tokensCached = row.int("tokens_cached") ?? 0
        cost = Money(nano: row.int("cost") ?? 0)
        isPriceKnown = row.bool("is_priced") ?? true
        milliseconds = row.int("duration_ms") ?? 0
        status = row.text("status") ?? ""
        warning = row.text("warning")
        errorMessage = row.text("error_message")
        errorCode = row.text("error_code")
        errorID = row.text("error_id")
        isBlocked = row.bool("was_blocked") ?? false
        model = row.text("model")
    }
}
