import Foundation

/// A question of one user, with the servers of the calls that were sent.
struct UserQuestion: Sendable {
    let cost: Int64
    /// In the order of the calls, with repetitions.
    var servers: [String]
}

/// Sums for one user by something that the roll-ups have for all users together only. They read the user's rows of the
/// audit log, by the index of user and time.
extension ReportReader {
    /// The columns of `audit_logs` that these sums are made by.
    enum UserRowColumn: String, Sendable {
        case model
        case channel = "slack_channel"
    }

    /// The user's questions, tokens, iterations and cost for each value of the column.
    ///
    /// - Parameter times: when the questions ended; nil: any time.
    func usage(of email: String, _ times: Range<Date>?, by column: UserRowColumn) throws -> [UsageSum] {
        var statement = SQLStatement(connection.dialect)
        let terms = ["user_email = \(statement.bind(.text(email)))"] + QuestionSelection.bounds(times, &statement)
        let name = "coalesce(audit_logs.\(column.rawValue), '')"
        func sum(_ expression: String, _ name: String) -> String {
            "CAST(coalesce(sum(\(expression)), 0) AS bigint) AS \(name)"
        }
        let sums = [
            "count(*) AS questions", sum("CASE WHEN status = 'error' THEN 1 ELSE 0 END", "errors"),
            sum("iterations", "iterations"), sum("tokens_input", "tokens_input"),
            sum("tokens_output", "tokens_output"), sum("tokens_cached", "tokens_cached"),
            sum("tokens_cache_write", "tokens_cache_write"),
            sum("coalesce(audit_reprice.new_nano, audit_logs.cost_nano)", "cost_nano"),
            sum("CASE WHEN price_known OR audit_reprice.audit_id IS NOT NULL THEN 0 ELSE 1 END", "unpriced"),
        ]
        let sql = """
            SELECT \(name) AS name, \(sums.joined(separator: ", "))
            FROM audit_logs LEFT JOIN audit_reprice ON audit_reprice.audit_id = audit_logs.id
            WHERE \(terms.joined(separator: " AND ")) GROUP BY \(name)
            """
        return try connection.query(sql, statement.values).map { row in
            UsageSum(group: RollupGroup(name: row.text("name") ?? ""), figures: UsageFigures(row))
        }
    }

    /// The user's questions with the servers they called.
    func questions(of email: String, _ times: Range<Date>?) throws -> [UserQuestion] {
        var statement = SQLStatement(connection.dialect)
        let terms =
            ["audit_logs.user_email = \(statement.bind(.text(email)))"]
            + QuestionSelection.bounds(times, &statement)
        let sql = """
            SELECT audit_logs.id AS audit_id, tool_calls.server AS server,
                coalesce(audit_reprice.new_nano, audit_logs.cost_nano) AS cost
            FROM audit_logs LEFT JOIN audit_reprice ON audit_reprice.audit_id = audit_logs.id
                LEFT JOIN tool_calls ON tool_calls.question_id = audit_logs.question_id
                    AND tool_calls.status <> 'denied'
            WHERE \(terms.joined(separator: " AND ")) ORDER BY audit_logs.id, tool_calls.id
            """
        var questions: [UserQuestion] = []
        var last: Int64?
        for row in try connection.query(sql, statement.values) {
            let server = row.text("server")
            if row.int("audit_id") == last, last != nil, let server {
                questions[questions.count - 1].servers.append(server)
                continue
            }
            last = row.int("audit_id")
            questions.append(UserQuestion(cost: row.int("cost") ?? 0, servers: server.map { [$0] } ?? []))
        }
        return questions
    }
}
