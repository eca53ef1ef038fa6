import Bridge
import Foundation

extension Store {
    /// Computes the roll-ups again from the audit log and the tool calls. Can be repeated, and run while questions end.
    ///
    /// One transaction a day, oldest first: it locks the roll-ups, so that the end of a question waits until the day is
    /// done, and after a failure the finished days are right.
    ///
    /// Roll-ups of days before the oldest audit row stay: retention has deleted the rows of those days.
    ///
    /// - Parameter days: local days; nil for all, which also notes the calendar's time zone as that of the roll-ups.
    package func rebuildRollups(days: ClosedRange<String>? = nil) async throws {
        let calendar = calendar
        let span = days == nil ? try await allDays(calendar) : days
        guard let span else { return try await noteTimeZone() }
        let last = span.upperBound
        var day = span.lowerBound
        while day <= last {
            let first = day
            let done = try await database.write { try Self.rebuildNextDay(first, last, calendar, on: $0) }
            guard let done else { break }
            day = calendar.days(adding: 1, to: done)
        }
        if days == nil { try await noteTimeZone() }
    }

    /// From the day of the oldest audit row on; nil if there is none.
    private func allDays(_ calendar: ReportingCalendar) async throws -> ClosedRange<String>? {
        let oldest = try await database.read { try Self.firstEnd(from: Date(timeIntervalSince1970: 0), on: $0) }
        return oldest.map { calendar.day(of: $0)...Self.lastDay }
    }

    private func noteTimeZone() async throws {
        let zone = calendar.identifier
        _ = try await database.write { connection in
            try SQLStatement.insert(
                into: "rollup_state", [("id", .int(1)), ("time_zone", .text(zone))],
                "ON CONFLICT (id) DO UPDATE SET time_zone = excluded.time_zone, rebuilding_until = NULL",
                on: connection)
        }
    }

    /// Sorts after every day.
    private static let lastDay = "9999-99-99"

    /// Computes the first day from `first` to `last` that has an audit row, and deletes the roll-ups of the days before
    /// it. Returns that day; nil, and all these roll-ups are deleted, if there is none.
    private static func rebuildNextDay(
        _ first: String, _ last: String, _ calendar: ReportingCalendar, on connection: any SQLConnection
    ) throws -> String? {
        if connection.dialect == .postgres {
            // Waits for the transactions that have added rows and holds up those that will. Their audit rows are then
            // seen, or not committed. The order is that in which they write.
            for table in RollupTable.all {
                try connection.execute("LOCK TABLE \(table.name) IN SHARE ROW EXCLUSIVE MODE", [])
            }
        }
        try connection.enqueue(
            """
            UPDATE rollup_state SET rebuilding_until = \(connection.dialect.now(plus: rebuildLease))
            WHERE rebuilding_until IS NOT NULL
            """, [])
        let found = try firstEnd(from: calendar.start(of: first), on: connection).map {
            max(first, calendar.day(of: $0))
        }
        let day = found.flatMap { $0 <= last ? $0 : nil }
        for table in RollupTable.all {
            try connection.execute(
                "DELETE FROM \(table.name) WHERE day >= $1 AND day <= $2", [.text(first), .text(day ?? last)])
        }
        guard let day else { return nil }
        try add(entries(ofDay: day, calendar, on: connection), on: connection)
        return day
    }

    /// When the first question at or after `time` ended.
    private static func firstEnd(from time: Date, on connection: any SQLConnection) throws -> Date? {
        var statement = SQLStatement(connection.dialect)
        let sql = """
            SELECT \(connection.dialect.selected("created_at", .time)) FROM (SELECT min(created_at) AS created_at
                FROM audit_logs WHERE created_at >= \(statement.bind(.time(time)))) AS ends
            """
        return try connection.query(sql, statement.values).first?.time("created_at")
    }

    private static func entries(
        ofDay day: String, _ calendar: ReportingCalendar, on connection: any SQLConnection
    ) throws -> RollupEntries {
        let span = calendar.start(of: day)..<calendar.start(of: calendar.days(adding: 1, to: day))
        var entries = RollupEntries()
        var last: Int64 = 0
        while true {
            let rows = try auditRows(in: span, after: last, on: connection)
            guard let end = rows.compactMap(\.id).max() else { return entries }
            let calls = try toolCalls(in: span, after: last, through: end, on: connection)
            for row in rows {
                entries += Rollup.entries(of: row, calls: row.questionID.flatMap { calls[$0] } ?? [], day: day)
            }
            last = end
        }
    }

    /// A page of audit rows by id, with the columns that ``Rollup`` uses and with corrected costs, which are known.
    private static func auditRows(
        in span: Range<Date>, after last: Int64, on connection: any SQLConnection
    ) throws -> [AuditRow] {
        let dialect = connection.dialect
        var statement = SQLStatement(dialect)
        let page = bounds(span, after: last, &statement)
        let sql = """
            SELECT id, \(dialect.selected("timestamp", .time)), \(dialect.selected("created_at", .time)), question_id,
                user_email, user_role, request_type, iterations, tokens_input, tokens_output, tokens_cached,
                tokens_cache_write, model, status, duration_ms, error_message, error_code, slack_channel, was_blocked,
                (price_known OR EXISTS (SELECT 1 FROM audit_reprice
                    WHERE audit_reprice.audit_id = audit_logs.id)) AS price_known,
                coalesce((SELECT audit_reprice.new_nano FROM audit_reprice
                    WHERE audit_reprice.audit_id = audit_logs.id), cost_nano) AS cost_nano
            FROM audit_logs WHERE \(page) ORDER BY id LIMIT 1000
            """
        return try connection.query(sql, statement.values).compactMap { AuditRow($0) }
    }

    /// The tool calls of a page of audit rows by question, in the order in which they were stored.
    private static func toolCalls(
        in span: Range<Date>, after last: Int64, through end: Int64, on connection: any SQLConnection
    ) throws -> [String: [ToolCallRow]] {
        var statement = SQLStatement(connection.dialect)
        let page = bounds(span, after: last, &statement)
        let most = statement.bind(.int(end))
        let (from, to) = (statement.bind(.time(span.lowerBound)), statement.bind(.time(span.upperBound)))
        let sql = """
            SELECT question_id, call_id, server, tool, status, ms, verdict, error FROM tool_calls
            WHERE created_at >= \(from) AND created_at < \(to)
            AND question_id IN (SELECT audit_logs.question_id FROM audit_logs WHERE \(page)
                AND audit_logs.id <= \(most))
            ORDER BY id
            """
        return Dictionary(
            grouping: try connection.query(sql, statement.values).compactMap { ToolCallRow($0) }, by: \.questionID)
    }

    private static func bounds(_ span: Range<Date>, after last: Int64, _ statement: inout SQLStatement) -> String {
        """
        audit_logs.created_at >= \(statement.bind(.time(span.lowerBound)))
        AND audit_logs.created_at < \(statement.bind(.time(span.upperBound)))
        AND audit_logs.id > \(statement.bind(.int(last)))
        """
    }
}
