package import Bridge
package import Foundation

/// Selects rows of the audit log; nil restricts nothing.
package struct AuditFilter: Sendable, Hashable {
    /// An e-mail, or a user's id in the workspace.
    package var user: String?
    package var status: AuditRow.Status?
    /// Rows of questions that ended at or after this time.
    package var since: Date?
    /// Rows of questions that ended before this time.
    package var until: Date?
    /// The row of one question.
    package var question: ULID?

    package init(
        user: String? = nil, status: AuditRow.Status? = nil, since: Date? = nil, until: Date? = nil,
        question: ULID? = nil
    ) {
        self.user = user
        self.status = status
        self.since = since
        self.until = until
        self.question = question
    }
}

extension Store {
    /// At most `limit` rows of the audit log, newest first.
    package func recent(_ filter: AuditFilter = AuditFilter(), limit: Int = 20) async throws -> [AuditRow] {
        try await database.read { connection in
            var statement = SQLStatement(connection.dialect)
            let condition = filter.condition(&statement)
            let most = statement.bind(.int(Int64(max(0, limit))))
            let sql = """
                SELECT id, \(AuditRow.selection(connection.dialect)) FROM audit_logs \(condition)
                ORDER BY audit_logs.created_at DESC, audit_logs.id DESC LIMIT \(most)
                """
            return try connection.query(sql, statement.values).compactMap { AuditRow($0) }
        }
    }

    /// The number of rows of the audit log.
    package func count(_ filter: AuditFilter = AuditFilter()) async throws -> Int {
        try await database.read { connection in
            var statement = SQLStatement(connection.dialect)
            let condition = filter.condition(&statement)
            let sql = "SELECT count(*) AS number FROM audit_logs \(condition)"
            return Int(try connection.query(sql, statement.values).first?.int("number") ?? 0)
        }
    }

    /// The tool calls of a question in the order in which they were written.
    package func toolCalls(of question: ULID) async throws -> [ToolCallRow] {
        try await read(of: question) { try Self.toolCalls(of: question, on: $0) }
    }

    static func toolCalls(of question: ULID, on connection: any SQLConnection) throws -> [ToolCallRow] {
        let dialect = connection.dialect
        let sql = """
            SELECT question_id, call_id, user_email, server, tool, \(dialect.selected("arguments", .json)), status,
                ms, bytes, verdict, verdict_step, verdict_rule, \(dialect.selected("verdict_notes", .strings)),
                approver, error, definition_hash, \(dialect.selected("started_at", .time))
            FROM tool_calls WHERE question_id = $1 ORDER BY id
            """
        return try connection.query(sql, [.text(question.text)]).compactMap { ToolCallRow($0) }
    }

    /// Inserts the row; `user_id` is that of the user with its e-mail, else NULL.
    static func insert(_ row: AuditRow, on connection: any SQLConnection) throws {
        var statement = SQLStatement(connection.dialect)
        let fields = row.fields
        let places = fields.map { statement.bind($0.1) }.joined(separator: ", ")
        let email = statement.bind(.text(row.userEmail))
        try connection.enqueue(
            """
            INSERT INTO audit_logs (\(fields.map(\.0).joined(separator: ", ")), user_id)
            VALUES (\(places), (SELECT users.id FROM users WHERE users.email = \(email)))
            """, statement.values)
    }

    /// `created_at` is `time`. Without a `startedAt` the row gets the time of its first `tool_started` step.
    static func insert(_ row: ToolCallRow, at time: Date, on connection: any SQLConnection) throws {
        let fields: [(String, ColumnValue)] = [
            ("question_id", .text(row.questionID)), ("call_id", .text(row.callID)),
            ("user_email", .text(row.userEmail)), ("server", .text(row.name.server)), ("tool", .text(row.name.tool)),
            ("arguments", .json(row.arguments)), ("status", .text(row.outcome.rawValue)),
            ("ms", .int(Int64(row.milliseconds))), ("bytes", .int(Int64(row.bytes))),
            ("verdict", .text(row.decision.rawValue)), ("verdict_step", .int(row.step.map { Int64($0.rawValue) })),
            ("verdict_rule", .text(row.rule)), ("verdict_notes", .strings(row.notes)),
            ("approver", .text(row.approver)),
            ("error", .text(row.error)), ("definition_hash", .text(row.definitionHash)), ("created_at", .time(time)),
        ]
        var statement = SQLStatement(connection.dialect)
        let places = fields.map { statement.bind($0.1) }.joined(separator: ", ")
        let start = statement.bind(.time(row.startedAt))
        let (question, call) = (statement.bind(.text(row.questionID)), statement.bind(.text(row.callID)))
        try connection.enqueue(
            """
            INSERT INTO tool_calls (\(fields.map(\.0).joined(separator: ", ")), started_at)
            VALUES (\(places), coalesce(\(start), (SELECT min(created_at) FROM question_steps
                WHERE question_id = \(question) AND call_id = \(call) AND kind = 'tool_started')))
            """, statement.values)
    }
}

extension AuditFilter {
    /// A WHERE clause, or an empty string.
    ///
    /// - Parameter bounds: further conditions, as SQL.
    func condition(_ statement: inout SQLStatement, and bounds: [String] = []) -> String {
        var terms = bounds
        if let user {
            let email = statement.bind(.text(user.lowercased()))
            terms.append("(user_email = \(email) OR slack_user_id = \(statement.bind(.text(user))))")
        }
        if let status { terms.append("status = \(statement.bind(.text(status.rawValue)))") }
        if let since { terms.append("audit_logs.created_at >= \(statement.bind(.time(since)))") }
        if let until { terms.append("audit_logs.created_at < \(statement.bind(.time(until)))") }
        if let question { terms.append("question_id = \(statement.bind(.text(question.text)))") }
        return terms.isEmpty ? "" : "WHERE \(terms.joined(separator: " AND "))"
    }
}
