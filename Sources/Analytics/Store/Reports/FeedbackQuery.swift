import Foundation

/// The votes on answers for which a tool was called.
struct ToolVotes: Sendable, Hashable {
    var up: Int64 = 0
    var down: Int64 = 0
}

extension ReportReader {
    /// The votes by tool; the group's name is the server, its detail the tool. A vote counts once for each tool that
    /// was called for the answer.
    ///
    /// - Parameter times: when the questions ended; nil: any time.
    func votes(_ times: Range<Date>?) throws -> [RollupGroup: ToolVotes] {
        var statement = SQLStatement(connection.dialect)
        var terms = ["tool_calls.status <> 'denied'"]
        if let times {
            terms.append("tool_calls.created_at >= \(statement.bind(.time(times.lowerBound)))")
            terms.append("tool_calls.created_at < \(statement.bind(.time(times.upperBound)))")
        }
        let sql = """
            SELECT name, detail, CAST(sum(CASE WHEN vote > 0 THEN 1 ELSE 0 END) AS bigint) AS up,
                CAST(sum(CASE WHEN vote < 0 THEN 1 ELSE 0 END) AS bigint) AS down
            FROM (
                SELECT DISTINCT tool_calls.server AS name, tool_calls.tool AS detail, feedback.question_id,
                    feedback.voter, feedback.vote AS vote
                FROM feedback JOIN tool_calls ON tool_calls.question_id = feedback.question_id
                WHERE \(terms.joined(separator: " AND "))
            ) AS votes
            GROUP BY name, detail
            """
        let rows = try connection.query(sql, statement.values)
        return Dictionary(
            rows.map { (RollupGroup($0), ToolVotes(up: $0.int("up") ?? 0, down: $0.int("down") ?? 0)) },
            uniquingKeysWith: { first, _ in first })
    }
}
