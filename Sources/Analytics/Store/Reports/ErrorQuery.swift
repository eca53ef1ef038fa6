import Bridge
import Foundation

/// An error message and how often it occurred.
struct ErrorCount: Sendable, Hashable {
    /// The server and tool of a failed call; empty for a question.
    let name: String
    let detail: String
    let message: String
    let count: Int64
    let lastAt: Date?
}

extension ReportReader {
    /// What the messages of refused questions begin with, see ``Rollup``.
    private static let refusal = "\(ErrorCode.refused.rawValue): "

    /// The most frequent messages; of equal counts by server, tool and message.
    ///
    /// - Parameter refusals: only those of refused questions, or only the others; nil: all.
    func errors(_ selection: RollupSelection, refusals: Bool? = nil, limit: Int) throws -> [ErrorCount] {
        var statement = SQLStatement(connection.dialect)
        let rows = rows(.errors, selection, &statement)
        var condition = ""
        if let refusals {
            let length = statement.bind(.int(Int64(Self.refusal.count)))
            // The message of a forgotten person's refusal is the code alone.
            let start = "substr(message || ': ', 1, CAST(\(length) AS integer))"
            condition = "WHERE \(start) \(refusals ? "=" : "<>") \(statement.bind(.text(Self.refusal)))"
        }
        let sql = """
            SELECT name, detail, message, CAST(sum(rollups.count) AS bigint) AS number, max(last_at) AS last_at
            FROM \(rows) \(condition)
            GROUP BY name, detail, message ORDER BY number DESC, name, detail, message
            LIMIT \(statement.bind(.int(Int64(limit))))
            """
        return try connection.query(sql, statement.values).map { row in
            ErrorCount(
                name: row.text("name") ?? "", detail: row.text("detail") ?? "", message: row.text("message") ?? "",
                count: row.int("number") ?? 0, lastAt: row.time("last_at"))
        }
    }
}
