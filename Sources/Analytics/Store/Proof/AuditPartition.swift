import Foundation

/// The partition of `audit_logs` of one month in PostgreSQL, as the retention sees it.
struct AuditPartition: Sendable {
    /// A day of the chain that has rows in the partition.
    struct Day: Sendable {
        let day: String
        /// Whether rows of the day are in other partitions too, or may still come: it needs a record for each row.
        let remains: Bool
    }

    /// `audit_logs_2026_08`.
    let table: String
    private let from: Date
    private let to: Date

    /// nil if there is none of that month.
    static func find(
        _ month: (year: Int64, month: Int64), on connection: any SQLConnection
    ) throws -> AuditPartition? {
        let table = "audit_logs_\(Partitions.suffix(month))"
        guard let from = Partitions.start(month), let to = Partitions.end(month),
            try Partitions.exists(table, on: connection)
        else { return nil }
        return AuditPartition(table: table, from: from, to: to)
    }

    /// With a key: every row is sealed. Without one: none is.
    func isReady(hasKey: Bool, on connection: any SQLConnection) throws -> Bool {
        let sql = "SELECT 1 FROM \(table) WHERE seq IS \(hasKey ? "NULL" : "NOT NULL") LIMIT 1"
        return try connection.query(sql, []).isEmpty
    }

    func days(on connection: any SQLConnection) throws -> [Day] {
        let names = try connection.query(
            "SELECT DISTINCT chain_day FROM \(table) WHERE chain_day IS NOT NULL ORDER BY chain_day", []
        ).compactMap { $0.text("chain_day") }
        return try names.map { name in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                SELECT 1 FROM audit_logs WHERE chain_day = \(statement.bind(.text(name)))
                AND (created_at < \(statement.bind(.time(from))) OR created_at >= \(statement.bind(.time(to)))) LIMIT 1
                """
            let isElsewhere = try !connection.query(sql, statement.values).isEmpty
            return Day(day: name, remains: try isElsewhere || !Store.isOver(day: name, on: connection))
        }
    }

    /// Rows of a day of the chain in the order of their positions.
    func rows(
        of day: String, after position: Int64, limit: Int, on connection: any SQLConnection
    ) throws -> [SQLRow] {
        try connection.query(
            """
            SELECT chain_day, seq, prev_hash, hash FROM \(table) WHERE chain_day = $1 AND seq > $2
            ORDER BY seq LIMIT \(limit)
            """, [.text(day), .int(position)])
    }

    /// Whether each row of the day has the record of its removal.
    func isRecorded(_ day: String, on connection: any SQLConnection) throws -> Bool {
        try connection.query(
            """
            SELECT 1 FROM \(table) AS part WHERE chain_day = $1 AND NOT EXISTS (
                SELECT 1 FROM audit_tombstones AS removed
                WHERE removed.chain_day = part.chain_day AND removed.seq = part.seq) LIMIT 1
            """, [.text(day)]
        ).isEmpty
    }

    /// Deletes the salts of the rows, and the notes about forgotten ones.
    func deleteProof(on connection: any SQLConnection) throws {
        for other in ["audit_salts", "audit_forgotten"] {
            try connection.execute(
                """
                DELETE FROM \(other) WHERE question_id IN (SELECT coalesce(question_id, 'row ' || id) FROM \(table))
                """, [])
        }
    }
}
