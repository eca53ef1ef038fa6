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
        let (from, to) = (bound(month), bound(next(month)))
        for table in tables {
            try connection.script(
                """
                CREATE TABLE IF NOT EXISTS \(table)_\(suffix(month)) PARTITION OF \(table)
                    FOR VALUES FROM ('\(from)') TO ('\(to)');
                """)
        }
    }

    /// The months that have partitions, oldest first.
    static func months(on connection: any SQLConnection) throws -> [(year: Int64, month: Int64)] {
        guard connection.dialect == .postgres else { return [] }
        let rows = try connection.query(
            """
            SELECT DISTINCT right(child.relname::text, 7) AS month
            FROM pg_inherits JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
            WHERE pg_inherits.inhparent IN ('audit_logs'::regclass, 'tool_calls'::regclass) ORDER BY 1
            """, [])
        return rows.compactMap { row in
            let parts = (row.text("month") ?? "").split(separator: "_").compactMap { Int64($0) }
            guard parts.count == 2, (1...12).contains(parts[1]) else { return nil }
            return (parts[0], parts[1])
        }
    }

    /// Drops the month's partitions. Throws `.busy` when other transactions use the tables for longer than two seconds:
    /// questions that end wait meanwhile.
    static func drop(_ month: (year: Int64, month: Int64), on connection: any SQLConnection) throws {
        guard connection.dialect == .postgres else { return }
        try connection.script("SET LOCAL lock_timeout = '2s'")
        for table in tables {
            let partition = "\(table)_\(suffix(month))"
            guard try exists(partition, on: connection) else { continue }
            try connection.script("ALTER TABLE \(table) DETACH PARTITION \(partition); DROP TABLE \(partition);")
        }
    }

    static func exists(_ table: String, on connection: any SQLConnection) throws -> Bool {
        try !connection.query("SELECT 1 AS found WHERE to_regclass($1::text) IS NOT NULL", [.text(table)]).isEmpty
    }

    /// The first instant of the month (UTC), and that of the next one; nil for a year that a time cannot have.
    static func start(_ month: (year: Int64, month: Int64)) -> Date? {
        Timestamp.date("\(suffix(month).replacingOccurrences(of: "_", with: "-"))-01T00:00:00.000Z")
    }

    static func end(_ month: (year: Int64, month: Int64)) -> Date? { start(next(month)) }

    private static func bound(_ month: (year: Int64, month: Int64)) -> String {
        "\(suffix(month).replacingOccurrences(of: "_", with: "-"))-01 00:00:00+00"
    }
}
