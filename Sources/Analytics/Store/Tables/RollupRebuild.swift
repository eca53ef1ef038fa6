import Bridge
import Foundation

extension Store {
    /// Computes the roll-ups again from the audit log and the tool calls. Can be repeated, and run while questions end.
    ///
    /// One transaction a day, oldest first; after a failure the finished days are right. The end of a question waits
    /// while a day's roll-ups are written, and while the rows of a day are read to which rows are added meanwhile. With
    /// SQLite it waits for the whole day.
    ///
    /// Roll-ups of days before the oldest audit row stay: retention has deleted the rows of those days.
    ///
    /// The sums by month are deleted with the first of their days. They are made again for all days; after some days
    /// with ``sumMonths(now:)``.
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
        guard days == nil else { return }
        try await noteTimeZone()
        try await sumMonths()
    }

    /// From the day of the oldest audit row on; nil if there is none. In the time zone of the last rebuild that may be an
    /// earlier day, whose roll-ups would count the same rows again.
    private func allDays(_ calendar: ReportingCalendar) async throws -> ClosedRange<String>? {
        let (oldest, zone) = try await database.read { connection -> (Date?, String?) in
            let zone = try connection.query("SELECT time_zone FROM rollup_state", []).first?.text("time_zone")
            return (try Self.firstEnd(from: Date(timeIntervalSince1970: 0), on: connection), zone)
        }
        guard let oldest else { return nil }
        let day = calendar.day(of: oldest)
        let former = zone.flatMap { TimeZone(identifier: $0) }.map { ReportingCalendar(timeZone: $0).day(of: oldest) }
        return min(day, former ?? day)...Self.lastDay
    }

    private func noteTimeZone() async throws {
        let zone = calendar.identifier
        _ = try await database.write { connection in
            try SQLStatement.insert(
                into: "rollup_state", [("id", .int(1)), ("time_zone", .text(zone))],
                "ON CONFLICT (id) DO UPDATE SET time_zone = excluded.time_zone",
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
        try lockDays(connection)
        var read = try readNextDay(first, last, calendar, on: connection)
        if connection.dialect == .postgres {
            // Waits for the transactions that have added rows and holds up those that will. Their audit rows are then
            // seen, or not committed. The order is that in which they write.
            for table in RollupTable.all {
                try connection.execute("LOCK TABLE \(table.name) IN SHARE ROW EXCLUSIVE MODE", [])
            }
            // The rows are read before, because questions that end wait for the lock. Mostly no row was added to a day
            // that is over.
            if try !isPresent(read, first, last, calendar, on: connection) {
                read = try readNextDay(first, last, calendar, on: connection)
            }
        }
        let days = first...(read.day ?? last)
        for table in RollupTable.all { try table.delete(RollupSpan(.day, days), on: connection) }
        try deleteMonths(of: days, on: connection)
        try add(read.entries, on: connection)
        return read.day
    }

    /// Until the end of the transaction no other one computes roll-ups or changes what they are computed from, other
    /// than by adding and removing audit rows.
    static func lockDays(_ connection: any SQLConnection) throws {
        // SQLite serialises write transactions by itself. The number is `days` in ASCII.
        guard connection.dialect == .postgres else { return }
        _ = try connection.query("SELECT pg_advisory_xact_lock(1684109683)", [])
        // Between its statements this transaction computes, unlike others: on a loaded machine for seconds.
        try connection.execute("SET LOCAL idle_in_transaction_session_timeout = '1min'", [])
    }

    /// A day as it was read from the audit log.
    private struct DayRead {
        /// nil: there is none.
        var day: String?
        var entries = RollupEntries()
        /// The number of its audit rows and their highest id.
        var rows: Int64 = 0
        var lastID: Int64 = 0
    }

    private static func readNextDay(
        _ first: String, _ last: String, _ calendar: ReportingCalendar, on connection: any SQLConnection
    ) throws -> DayRead {
        guard let day = try nextDay(first, last, calendar, on: connection) else { return DayRead() }
        return try readDay(day, calendar, on: connection)
    }

    /// The first day from `first` to `last` that has an audit row.
    private static func nextDay(
        _ first: String, _ last: String, _ calendar: ReportingCalendar, on connection: any SQLConnection
    ) throws -> String? {
        let end = try firstEnd(from: calendar.start(of: first), on: connection)
        let found = end.map { max(first, calendar.day(of: $0)) }
        return found.flatMap { $0 <= last ? $0 : nil }
    }

    /// Whether no row was added or removed since the day was read.
    private static func isPresent(
        _ read: DayRead, _ first: String, _ last: String, _ calendar: ReportingCalendar,
        on connection: any SQLConnection
    ) throws -> Bool {
        guard try nextDay(first, last, calendar, on: connection) == read.day else { return false }
        guard let day = read.day else { return true }
        let span = span(of: day, calendar)
        var statement = SQLStatement(connection.dialect)
        let sql = """
            SELECT count(*) AS number, max(id) AS last FROM audit_logs
            WHERE created_at >= \(statement.bind(.time(span.lowerBound)))
            AND created_at < \(statement.bind(.time(span.upperBound)))
            """
        let row = try connection.query(sql, statement.values).first
        return row?.int("number") == read.rows && (row?.int("last") ?? 0) == read.lastID
    }

    private static func span(of day: String, _ calendar: ReportingCalendar) -> Range<Date> {
        calendar.start(of: day)..<calendar.start(of: calendar.days(adding: 1, to: day))
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

    private static func readDay(
        _ day: String, _ calendar: ReportingCalendar, on connection: any SQLConnection
    ) throws -> DayRead {
        let span = span(of: day, calendar)
        var read = DayRead(day: day)
        var place = AuditPlace(time: Timestamp.text(span.lowerBound), id: 0)
        while true {
            let rows = try auditRows(after: place, on: connection)
            let page = rows.prefix(while: { row in row.time("created_at").map { $0 < span.upperBound } ?? false })
            guard let end = page.last.flatMap({ AuditPlace($0) }) else { return read }
            let calls = try toolCalls(from: place, through: end, on: connection)
            for row in page.compactMap({ AuditRow($0) }) {
                read.entries += Rollup.entries(of: row, calls: row.questionID.flatMap { calls[$0] } ?? [], day: day)
                read.lastID = max(read.lastID, row.id ?? 0)
            }
            read.rows += Int64(page.count)
            guard page.count == rowsAtOnce else { return read }
            place = end
        }
    }

    /// A place in the order of the audit rows by time and id, which the index of the times has: a page is read without
    /// those before it.
    private struct AuditPlace {
        /// As exact as it is stored, which is in PostgreSQL to the microsecond.
        let time: String
        let id: Int64

        init(time: String, id: Int64) {
            self.time = time
            self.id = id
        }

        init?(_ row: SQLRow) {
            guard let time = row.text("place"), let id = row.int("id") else { return nil }
            self.init(time: time, id: id)
        }

        /// The SELECT expression for ``init(_:)``.
        static func selected(_ dialect: SQLDialect) -> String {
            let time = "audit_logs.created_at"
            return dialect == .postgres
                ? #"to_char(\#(time) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place"#
                : "\(time) AS place"
        }

        /// The time as a parameter.
        func bound(_ statement: inout SQLStatement, _ dialect: SQLDialect) -> String {
            let text = statement.bind(.text(time))
            return dialect == .postgres ? "\(text)::timestamptz" : text
        }
    }

    /// A page of audit rows, with the columns that ``Rollup`` uses and with corrected costs, which are known.
    ///
    /// Without an upper bound: with one PostgreSQL may read all rows up to it and sort them, for each page again.
    private static func auditRows(after place: AuditPlace, on connection: any SQLConnection) throws -> [SQLRow] {
        let dialect = connection.dialect
        var statement = SQLStatement(dialect)
        let time = place.bound(&statement, dialect)
        let sql = """
            SELECT id, \(dialect.selected("timestamp", .time)), \(dialect.selected("created_at", .time)),
                \(AuditPlace.selected(dialect)), question_id,
                user_email, user_role, request_type, iterations, tokens_input, tokens_output, tokens_cached,
                tokens_cache_write, model, status, duration_ms, error_message, error_code, slack_channel, was_blocked,
                (price_known OR EXISTS (SELECT 1 FROM audit_reprice
                    WHERE audit_reprice.audit_id = audit_logs.id)) AS price_known,
                coalesce((SELECT audit_reprice.new_nano FROM audit_reprice
                    WHERE audit_reprice.audit_id = audit_logs.id), cost_nano) AS cost_nano
            FROM audit_logs
            WHERE audit_logs.created_at >= \(time)
            AND (audit_logs.created_at > \(time) OR audit_logs.id > \(statement.bind(.int(place.id))))
            ORDER BY audit_logs.created_at, audit_logs.id LIMIT \(rowsAtOnce)
            """
        return try connection.query(sql, statement.values)
    }

    /// Audit rows of a page.
    private static let rowsAtOnce = 1000

    /// The tool calls of the audit rows from one place to another by question, in the order in which they were stored.
    private static func toolCalls(
        from start: AuditPlace, through end: AuditPlace, on connection: any SQLConnection
    ) throws -> [String: [ToolCallRow]] {
        let dialect = connection.dialect
        var statement = SQLStatement(dialect)
        let (from, to) = (start.bound(&statement, dialect), end.bound(&statement, dialect))
        let sql = """
            SELECT question_id, call_id, server, tool, status, ms, verdict, error FROM tool_calls
            WHERE created_at >= \(from) AND created_at <= \(to)
            AND question_id IN (SELECT audit_logs.question_id FROM audit_logs
                WHERE audit_logs.created_at >= \(from) AND audit_logs.created_at <= \(to))
            ORDER BY id
            """
        return Dictionary(
            grouping: try connection.query(sql, statement.values).compactMap { ToolCallRow($0) }, by: \.questionID)
    }
}
