import Analytics
import Bridge

/// The audit trail as programs read it: the columns of `audit_logs`, in an order that does not change.
enum AuditJSON {
    static let columns = row(
        AuditRow(
            timestamp: .distantPast, createdAt: .distantPast, userEmail: "", userName: "", userRole: "",
            requestType: "", message: "", messagePreview: "", status: .success)
    ).keys.elements

    /// One row: every column, null where it has no value.
    static func row(_ row: AuditRow) -> JSONObject {
        asked(row).merging(used(row)) { first, _ in first }.merging(ended(row)) { first, _ in first }
    }

    private static func asked(_ row: AuditRow) -> JSONObject {
        [
            "id": row.id.map { .int($0) } ?? .null, "question_id": text(row.questionID),
            "retry_of": text(row.retryOf), "thread_key": text(row.threadKey),
            "timestamp": .string(Timestamp.text(row.timestamp)), "created_at": .string(Timestamp.text(row.createdAt)),
            "user_email": .string(row.userEmail), "user_name": .string(row.userName),
            "user_role": .string(row.userRole), "request_type": .string(row.requestType),
            "message": .string(row.message), "message_preview": .string(row.messagePreview),
        ]
    }

    private static func used(_ row: AuditRow) -> JSONObject {
        [
            "iterations": number(row.iterations), "tool_calls_count": number(row.toolCallsCount),
            "tools_used": list(row.toolsUsed), "mcps_accessed": list(row.mcpsAccessed),
            "databases_accessed": list(row.databasesAccessed), "tokens_input": number(row.tokensInput),
            "tokens_output": number(row.tokensOutput), "tokens_cached": number(row.tokensCached),
            "tokens_cache_write": number(row.tokensCacheWrite), "cost_nano": .int(row.cost.nano),
            "cost_estimate": .double(Double(row.cost.dollars(decimals: 6)) ?? 0), "model": text(row.model),
            "price_date": text(row.priceDate), "price_known": .bool(row.priceKnown),
            "mcp_target": text(row.mcpTarget), "tool_called": text(row.toolCalled),
            "tool_params": row.toolParameters ?? .null,
        ]
    }

    private static func ended(_ row: AuditRow) -> JSONObject {
        [
            "success": .bool(row.success), "status": .string(row.status.rawValue), "warning": text(row.warning),
            "duration_ms": number(row.durationMilliseconds), "response_preview": text(row.responsePreview),
            "error_message": text(row.errorMessage), "error_code": text(row.errorCode),
            "error_id": text(row.errorID), "slack_channel": text(row.slackChannel),
            "slack_user_id": text(row.slackUserID), "slack_message_ts": text(row.slackMessageTS),
            "slack_thread_ts": text(row.slackThreadTS), "ip_address": text(row.address),
            "user_agent": text(row.userAgent), "was_blocked": .bool(row.wasBlocked),
            "block_reason": text(row.blockReason),
        ]
    }

    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    private static func number(_ value: Int) -> JSONValue { .int(Int64(value)) }
    private static func list(_ values: [String]) -> JSONValue { .array(values.map(JSONValue.string)) }
}
