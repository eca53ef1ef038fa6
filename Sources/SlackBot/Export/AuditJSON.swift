import Analytics
import Bridge

/// The audit log for programs: the columns of `audit_logs` in a fixed order.
enum AuditJSON {
    static let columns = fields.map(\.name)

    /// One row: every column, null where it has no value.
    static func row(_ row: AuditRow) -> JSONObject {
        JSONObject(uniqueKeysWithValues: fields.map { ($0.name, $0.value(row)) })
    }

    private typealias Field = (name: String, value: @Sendable (AuditRow) -> JSONValue)

    private static let fields: [Field] = asked + used + ended

    private static let asked: [Field] = [
        ("id", { $0.id.map(JSONValue.int) ?? .null }),
        ("question_id", { text($0.questionID) }),
        ("retry_of", { text($0.retryOf) }),
        ("thread_key", { text($0.threadKey) }),
        ("timestamp", { .string(Timestamp.text($0.timestamp)) }),
        ("created_at", { .string(Timestamp.text($0.createdAt)) }),
        ("user_email", { .string($0.userEmail) }),
        ("user_name", { .string($0.userName) }),
        ("user_role", { .string($0.userRole) }),
        ("request_type", { .string($0.requestType) }),
        ("message", { .string($0.message) }),
        ("message_preview", { .string($0.messagePreview) }),
    ]

    private static let used: [Field] = [
        ("iterations", { number($0.iterations) }),
        ("tool_calls_count", { number($0.toolCallsCount) }),
        ("tools_used", { list($0.toolsUsed) }),
        ("mcps_accessed", { list($0.mcpsAccessed) }),
        ("databases_accessed", { list($0.databasesAccessed) }),
        ("tokens_input", { number($0.tokensInput) }),
        ("tokens_output", { number($0.tokensOutput) }),
        ("tokens_cached", { number($0.tokensCached) }),
        ("tokens_cache_write", { number($0.tokensCacheWrite) }),
        ("cost_nano", { .int($0.cost.nano) }),
        ("cost_estimate", { .double(Double($0.cost.dollars(decimals: 6)) ?? 0) }),
        ("model", { text($0.model) }),
        ("price_date", { text($0.priceDate) }),
        ("price_known", { .bool($0.priceKnown) }),
        ("mcp_target", { text($0.mcpTarget) }),
        ("tool_called", { text($0.toolCalled) }),
        ("tool_params", { $0.toolParameters ?? .null }),
    ]

    private static let ended: [Field] = [
        ("success", { .bool($0.success) }),
        ("status", { .string($0.status.rawValue) }),
        ("warning", { text($0.warning) }),
        ("duration_ms", { number($0.durationMilliseconds) }),
        ("response_preview", { text($0.responsePreview) }),
        ("error_message", { text($0.errorMessage) }),
        ("error_code", { text($0.errorCode) }),
        ("error_id", { text($0.errorID) }),
        ("slack_channel", { text($0.slackChannel) }),
        ("slack_user_id", { text($0.slackUserID) }),
        ("slack_message_ts", { text($0.slackMessageTS) }),
        ("slack_thread_ts", { text($0.slackThreadTS) }),
        ("ip_address", { text($0.address) }),
        ("user_agent", { text($0.userAgent) }),
        ("was_blocked", { .bool($0.wasBlocked) }),
        ("block_reason", { text($0.blockReason) }),
    ]

    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    private static func number(_ value: Int) -> JSONValue { .int(Int64(value)) }
    private static func list(_ values: [String]) -> JSONValue { .array(values.map(JSONValue.string)) }
}
