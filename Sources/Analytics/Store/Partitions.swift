import Foundation

/// The monthly partitions of `audit_logs` and `tool_calls` in PostgreSQL; SQLite has none.
enum Partitions {
    static let tables = ["audit_logs", "tool_calls"]

    /// The suffix of a partition's name: `2026_11` (UTC).
    static func suffix(_ month: (year: Int64, month: Int64)) -> String {
        "\(month.year)_\(month.month < 10 ? "0" : "")\(month.month)"
    }

    /// The month after `month`.
    static func next(_ month: (year: Int64, month: Int64)) -> (year: Int64, month: Int64) {
        month.month == 12 ? (month.year + 1, 1) : (month.year, month.month + 1)
    }

    /// Creates the month's partitions if they are missing.
    static func ensure(_ month: (year: Int64, month: Int64), on connection: any SQLConnection) throws {
        guard connection.dialect == .postgres else { return }
        // Two processes that create the same partition at once conflict in the catalogue, even with IF NOT EXISTS. The
        // number is `part` in ASCII.
        _ = try connection.query("SELECT pg_advisory_xact_lock(1885434484)", [])
        let (from, to) = (start(month), start(next(month)))
        for table in tables {
            try connection.script(
                """
                CREATE TABLE IF NOT EXISTS \(table)_\(suffix(month)) PARTITION OF \(table)
                    FOR VALUES FROM ('\(from)') TO ('\(to)');
                """)
        }
    }

    private static func start(_ month: (year: Int64, month: Int64)) -> String {
        "\(suffix(month).replacingOccurrences(of: "_", with: "-"))-01 00:00:00+00"
    }
}
