package import Foundation

/// The sums of days by month, so that a report over a year reads few rows. They follow the days: a sum counts until one
/// of its days changes, and is then made again.
extension Store {
    /// Sums the days of each month up to yesterday, where that was not done or a day has changed since. Can be
    /// repeated, and run while questions end and by several processes.
    ///
    /// - Parameter now: decides which day is yesterday.
    package func sumMonths(now: Date = Date()) async throws {
        let yesterday = calendar.days(adding: -1, to: calendar.day(of: now))
        for month in try await database.read({ try Self.monthsToSum(through: yesterday, on: $0) }) {
            try Task.checkCancellation()
            try await database.write { try Self.announce(month, on: $0) }
            try await database.write { try Self.sum(month, on: $0) }
        }
    }

    /// The months whose sums count, in ascending order.
    static func summedMonths(on connection: any SQLConnection) throws -> [SummedMonth] {
        let sql = "SELECT month, last_day FROM rollup_months WHERE summed_at IS NOT NULL ORDER BY month"
        return try connection.query(sql, []).compactMap { row in
            guard let month = row.text("month"), let last = row.text("last_day") else { return nil }
            return SummedMonth(month: month, lastDay: last)
        }
    }

    /// The months with rows up to a day whose sums do not count, or end with another day.
    private static func monthsToSum(through day: String, on connection: any SQLConnection) throws -> [SummedMonth] {
        let calendar = ReportingCalendar()
        let summed = Set(try summedMonths(on: connection))
        let sql = """
            SELECT DISTINCT substr(day, 1, 7) AS month FROM usage_rollups
            WHERE dimension = 'total' AND day <= $1 ORDER BY month
            """
        return try connection.query(sql, [.text(day)]).compactMap { row in
            guard let month = row.text("month") else { return nil }
            let sum = SummedMonth(month: month, lastDay: min(day, calendar.lastDay(ofMonth: month)))
            return summed.contains(sum) ? nil : sum
        }
    }

    /// Notes that a month will be summed. A transaction that adds to the days has then ended, and ``sum(_:on:)`` sees its
    /// rows, or it deletes the note (``daysChanged(_:on:)``).
    private static func announce(_ month: SummedMonth, on connection: any SQLConnection) throws {
        try lockDays(connection)
        // Waits for the transactions that looked for the note before, which is the last they do with the roll-ups.
        if connection.dialect == .postgres { try connection.execute("LOCK TABLE rollup_months IN SHARE MODE", []) }
        try SQLStatement.insert(
            into: "rollup_months", [("month", .text(month.month)), ("last_day", .text(month.lastDay))],
            "ON CONFLICT (month) DO UPDATE SET last_day = excluded.last_day, summed_at = NULL", on: connection)
    }

    /// Sums the days of a month. The sums do not count if a day has changed since the month was announced.
    private static func sum(_ month: SummedMonth, on connection: any SQLConnection) throws {
        try lockDays(connection)
        for table in RollupTable.all { try table.sum(month, on: connection) }
        try connection.execute(
            "UPDATE rollup_months SET summed_at = \(connection.dialect.now) WHERE month = $1 AND last_day = $2",
            [.text(month.month), .text(month.lastDay)])
    }

    /// The sums that contain these days do not count any more. Called after the days' rows were written, in the same
    /// transaction.
    static func daysChanged(_ days: Set<String>, on connection: any SQLConnection) throws {
        for day in days.sorted() {
            try connection.enqueue(
                "DELETE FROM rollup_months WHERE month = $1 AND last_day >= $2",
                [.text(String(day.prefix(7))), .text(day)])
        }
    }

    /// Deletes the sums of the months that have these days.
    static func deleteMonths(of days: ClosedRange<String>, on connection: any SQLConnection) throws {
        let months = String(days.lowerBound.prefix(7))...String(days.upperBound.prefix(7))
        try connection.execute(
            "DELETE FROM rollup_months WHERE month >= $1 AND month <= $2",
            [.text(months.lowerBound), .text(months.upperBound)])
        for table in RollupTable.all { try table.delete(RollupSpan(.month, months), on: connection) }
    }
}
