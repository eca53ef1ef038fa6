/// The signed records of removed rows and days, `audit_tombstones`.
extension Store {
    /// Writes the records of rows that are about to be removed, which were selected with `chain_day`, `seq`,
    /// `prev_hash` and `hash`. Those that exist stay.
    static func record(removed rows: [SQLRow], _ key: AuditKey, on connection: any SQLConnection) throws {
        let records = try rows.compactMap { row -> RemovedRow? in
            guard let day = row.text("chain_day"), let seq = row.int("seq"), let hash = row.text("hash") else {
                return nil
            }
            return try RemovedRow(
                day: day, seq: seq, previousHash: row.text("prev_hash") ?? "", hash: hash, key: key)
        }
        try write(records, on: connection)
    }

    /// Writes the record of a day whose rows are removed, which takes the place of those of its rows.
    static func record(removedDay day: String, _ key: AuditKey, on connection: any SQLConnection) throws {
        let head = try connection.query("SELECT hash FROM audit_heads WHERE chain_day = $1", [.text(day)]).first
        try connection.execute(
            "DELETE FROM audit_tombstones WHERE chain_day = $1 AND seq <> \(RemovedRow.wholeDay)", [.text(day)])
        let record = try RemovedRow(
            day: day, seq: RemovedRow.wholeDay, previousHash: "", hash: head?.text("hash") ?? "", key: key)
        try write([record], on: connection)
    }

    /// Whether the chain has a later day, so that no row is added to this one.
    static func isOver(day: String, on connection: any SQLConnection) throws -> Bool {
        let later = try connection.query("SELECT 1 FROM audit_heads WHERE chain_day > $1 LIMIT 1", [.text(day)])
        return !later.isEmpty
    }

    private static func write(_ records: [RemovedRow], on connection: any SQLConnection) throws {
        guard !records.isEmpty else { return }
        var statement = SQLStatement(connection.dialect)
        let places = records.map { record in
            let values = [
                statement.bind(.text(record.day)), statement.bind(.int(record.seq)),
                statement.bind(.text(record.previousHash)), statement.bind(.text(record.hash)),
                statement.bind(.text(record.signature)), statement.bind(.text(record.keyID)),
            ]
            return "(\(values.joined(separator: ", ")))"
        }
        try connection.execute(
            """
            INSERT INTO audit_tombstones (chain_day, seq, prev_hash, hash, signature, key_id)
            VALUES \(places.joined(separator: ", ")) ON CONFLICT DO NOTHING
            """, statement.values)
    }
}
