import Bridge
import Foundation

extension AuditRow {
    /// The columns and values to insert. The database derives `cost_estimate` and `search_vector`.
    var fields: [(String, ColumnValue)] {
        [
            ("question_id", .text(questionID)), ("retry_of", .text(retryOf)), ("thread_key", .text(threadKey)),
            ("timestamp", .time(timestamp)), ("created_at", .time(createdAt)), ("user_email", .text(userEmail)),
            ("user_name", .text(userName)), ("user_role", .text(userRole)), ("request_type", .text(requestType)),
            ("question", .text(message)), ("message", .text(message)), ("message_preview", .text(messagePreview)),
            ("iterations", .int(Int64(iterations))), ("tool_calls_count", .int(Int64(toolCallsCount))),
            ("tools_used", .strings(toolsUsed)), ("mcps_accessed", .strings(mcpsAccessed)),
            ("databases_accessed", .strings(databasesAccessed)), ("tokens_input", .int(Int64(tokensInput))),
            ("tokens_output", .int(Int64(tokensOutput))), ("tokens_cached", .int(Int64(tokensCached))),
            ("tokens_cache_write", .int(Int64(tokensCacheWrite))), ("cost_nano", .int(cost.nano)),
            ("model", .text(model)), ("price_date", .text(priceDate)), ("price_known", .bool(priceKnown)),
            ("mcp_target", .text(mcpTarget)), ("tool_called", .text(toolCalled)),
            ("tool_params", .json(toolParameters)), ("success", .bool(success)), ("status", .text(status.rawValue)),
            ("warning", .text(warning)), ("duration_ms", .int(Int64(durationMilliseconds))),
            ("response_preview", .text(responsePreview)), ("error_message", .text(errorMessage)),
            ("error_code", .text(errorCode)), ("error_id", .text(errorID)), ("slack_channel", .text(slackChannel)),
            ("slack_user_id", .text(slackUserID)), ("slack_message_ts", .text(slackMessageTS)),
            ("slack_thread_ts", .text(slackThreadTS)), ("ip_address", .address(address.flatMap(Self.valid))),
            ("user_agent", .text(userAgent)), ("was_blocked", .bool(wasBlocked)), ("block_reason", .text(blockReason)),
        ]
    }

    /// The columns that ``init(_:)-(SQLRow)`` reads, except `id`.
    static func selection(_ dialect: SQLDialect) -> String {
        let empty = AuditRow(
            timestamp: .distantPast, createdAt: .distantPast, userEmail: "", userName: "", userRole: "",
            requestType: "", message: "", messagePreview: "", status: .success)
        return empty.fields.map { dialect.selected($0.0, $0.1.type) }.joined(separator: ", ")
    }

    /// nil for an address that PostgreSQL's `inet` would reject: the row is stored without it.
    private static func valid(_ address: String) -> String? {
        var room = in6_addr()
        let isAddress = inet_pton(AF_INET, address, &room) == 1 || inet_pton(AF_INET6, address, &room) == 1
        return isAddress ? address : nil
    }

    init?(_ row: SQLRow) {
        guard let timestamp = row.time("timestamp"), let createdAt = row.time("created_at"),
            let status = row.text("status").flatMap(Status.init(rawValue:))
        else { return nil }
        func number(_ name: String) -> Int { Int(row.int(name) ?? 0) }
        self.init(
            id: row.int("id"), questionID: row.text("question_id"), retryOf: row.text("retry_of"),
            threadKey: row.text("thread_key"), timestamp: timestamp, createdAt: createdAt,
            userEmail: row.text("user_email") ?? "", userName: row.text("user_name") ?? "",
            userRole: row.text("user_role") ?? "", requestType: row.text("request_type") ?? "",
            message: row.text("message") ?? "", messagePreview: row.text("message_preview") ?? "",
            iterations: number("iterations"), toolCallsCount: number("tool_calls_count"),
            toolsUsed: row.strings("tools_used"), mcpsAccessed: row.strings("mcps_accessed"),
            databasesAccessed: row.strings("databases_accessed"), tokensInput: number("tokens_input"),
            tokensOutput: number("tokens_output"), tokensCached: number("tokens_cached"),
            tokensCacheWrite: number("tokens_cache_write"), cost: Money(nano: row.int("cost_nano") ?? 0),
            model: row.text("model"), priceDate: row.text("price_date"), priceKnown: row.bool("price_known") ?? true,
            mcpTarget: row.text("mcp_target"), toolCalled: row.text("tool_called"),
            toolParameters: row.json("tool_params"), status: status, warning: row.text("warning"),
            durationMilliseconds: number("duration_ms"), responsePreview: row.text("response_preview"),
            errorMessage: row.text("error_message"), errorCode: row.text("error_code"), errorID: row.text("error_id"),
            slackChannel: row.text("slack_channel"), slackUserID: row.text("slack_user_id"),
            slackMessageTS: row.text("slack_message_ts"), slackThreadTS: row.text("slack_thread_ts"),
            address: row.text("ip_address"), userAgent: row.text("user_agent"),
            wasBlocked: row.bool("was_blocked") ?? false, blockReason: row.text("block_reason"))
    }
}
