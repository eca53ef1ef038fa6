import Bridge
import Crypto
import Foundation

/// The hash of a row of the audit log, version 1.
///
///     personal_digest = SHA-256(salt ‖ J(personal columns))
///     hash            = SHA-256(prev_hash ‖ "\n" ‖ J(hash_version, listed columns, personal_digest))
///
/// `J` is a JSON object of the columns in UTF-8: keys sorted, no spaces, NULL as `null`, times as
/// `2026-11-23T05:24:27.123Z`, lists as arrays. Hashes are lower-case hexadecimal; the first row of all follows 64
/// zeros.
///
/// Neither list contains: `user_id` and `search_vector`, `cost_estimate` (derived from `cost_nano`), the position
/// (`chain_day`, `seq`), which `prev_hash` and the signed head prove. Feedback and new prices are in tables of their
/// own. The lists of a version never change; a new column needs a new version.
enum AuditDigest {
    typealias Column = (name: String, type: ColumnType)

    static let version: Int64 = 1
    /// What the first row of all follows.
    static let start = String(repeating: "0", count: 64)

    /// The columns that are hashed as they are.
    static let listed: [Column] = [
        ("id", .integer), ("question_id", .text), ("retry_of", .text), ("timestamp", .time), ("created_at", .time),
        ("user_role", .text), ("request_type", .text), ("iterations", .integer), ("tool_calls_count", .integer),
        ("tools_used", .strings), ("mcps_accessed", .strings), ("databases_accessed", .strings),
        ("tokens_input", .integer), ("tokens_output", .integer), ("tokens_cached", .integer),
        ("tokens_cache_write", .integer), ("cost_nano", .integer), ("model", .text), ("price_date", .text),
        ("price_known", .boolean), ("mcp_target", .text), ("tool_called", .text), ("success", .boolean),
        ("status", .text), ("warning", .text), ("duration_ms", .integer), ("error_code", .text), ("error_id", .text),
        ("slack_channel", .text), ("was_blocked", .boolean), ("block_reason", .text), ("llm_confidence", .text),
        ("llm_tokens_used", .integer),
    ]

    /// The columns of which only a salted digest is hashed, and which forgetting a person clears.
    static let personal: [Column] = [
        ("user_email", .text), ("user_name", .text), ("question", .text), ("message", .text),
        ("message_preview", .text), ("thread_key", .text), ("tool_params", .json), ("result_summary", .text),
        ("response_preview", .text), ("error_message", .text), ("slack_user_id", .text), ("slack_message_ts", .text),
        ("slack_thread_ts", .text), ("llm_reasoning", .text), ("ip_address", .address), ("user_agent", .text),
    ]

    /// The personal columns that are set to ``forgotten`` when a person is forgotten; the others become NULL.
    static let named: Set = ["user_email", "user_name"]
    static let forgotten = "forgotten"

    /// The SELECT list of all hashed columns.
    static func selection(_ dialect: SQLDialect) -> String {
        (listed + personal).map { dialect.selected($0.name, $0.type) }.joined(separator: ", ")
    }

    /// The columns of a row as the JSON object that is hashed.
    static func object(_ columns: [Column], of row: SQLRow) -> JSONObject {
        JSONObject(columns.map { ($0.name, value($0, of: row)) }, uniquingKeysWith: { first, _ in first })
    }

    static func personalDigest(_ personal: JSONObject, salt: [UInt8]) -> String {
        var hash = SHA256()
        hash.update(data: Data(salt))
        hash.update(data: Data(JSONValue.object(personal).bytes(sortedKeys: true)))
        return Hexadecimal.text(hash.finalize())
    }

    static func hash(after previous: String, _ listed: JSONObject, personalDigest: String) -> String {
        var members = listed
        members["hash_version"] = .int(version)
        members["personal_digest"] = .string(personalDigest)
        var hash = SHA256()
        hash.update(data: Data("\(previous)\n".utf8))
        hash.update(data: Data(JSONValue.object(members).bytes(sortedKeys: true)))
        return Hexadecimal.text(hash.finalize())
    }

    /// A value that does not fit its column's type, which SQLite can hold, is hashed as text, so that no two different
    /// values are hashed alike.
    private static func value(_ column: Column, of row: SQLRow) -> JSONValue {
        let name = column.name
        guard row[name] != .null else { return .null }
        let typed: JSONValue? =
            switch column.type {
            case .integer: row.int(name).map { JSONValue.int($0) }
            case .boolean: row.bool(name).map { JSONValue.bool($0) }
            case .json, .strings: row.json(name)
            case .text, .time, .address, .bytes: row.text(name).map { JSONValue.string($0) }
            }
        return typed ?? .string(row.text(name) ?? "\(row[name])")
    }
}
