/// A part of a day of the chain, in the order of positions.
struct ChainPage: Sendable {
    /// A row, or the record of a removed one.
    enum Place: Sendable {
        case row(SealedRow)
        case removed(RemovedRow)

        var seq: Int64 {
            switch self {
            case .row(let row): row.seq ?? 0
            case .removed(let removed): removed.seq
            }
        }
    }

    let places: [Place]
    /// The last position that the page covers.
    let end: Int64
}

extension Store {
    /// The positions after `first`, of rows and of records of removed rows, at most `limit` of each.
    func chainPage(_ day: String, after first: Int64, through last: Int64, limit: Int) async throws -> ChainPage {
        try await database.read { connection in
            let values: [SQLValue] = [.text(day), .int(first), .int(last)]
            let rows = try connection.query(
                """
                SELECT \(Self.sealedSelection(connection.dialect)) FROM audit_logs
                WHERE chain_day = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, id LIMIT \(limit)
                """, values
            ).compactMap { SealedRow($0) }
            let removed = try connection.query(
                """
                SELECT chain_day, seq, prev_hash, hash, signature, key_id FROM audit_tombstones
                WHERE chain_day = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT \(limit)
                """, values
            ).compactMap { RemovedRow($0) }
            var end = last
            if rows.count == limit, let seq = rows.last?.seq { end = min(end, seq) }
            if removed.count == limit, let seq = removed.last?.seq { end = min(end, seq) }
            let places = rows.map(ChainPage.Place.row) + removed.map(ChainPage.Place.removed)
            // Rows before records at the same position, which a stable sort keeps.
            let ordered = places.enumerated().filter { $0.element.seq <= end }
                .sorted { ($0.element.seq, $0.offset) < ($1.element.seq, $1.offset) }
            return ChainPage(places: ordered.map(\.element), end: end)
        }
    }

    /// The position of the row with that hash; nil if no row of the day has it.
    func position(of hash: String, in day: String) async throws -> Int64? {
        try await database.read { connection in
            try connection.query(
                "SELECT min(seq) AS seq FROM audit_logs WHERE chain_day = $1 AND hash = $2", [.text(day), .text(hash)]
            ).first?.int("seq")
        }
    }

    /// The SELECT list of ``SealedRow``.
    static func sealedSelection(_ dialect: SQLDialect) -> String {
        let salted = "coalesce(audit_logs.question_id, 'row ' || audit_logs.id)"
        return """
            \(AuditDigest.selection(dialect)), seq, prev_hash, hash, hash_version, personal_digest,
                (SELECT salt FROM audit_salts WHERE audit_salts.question_id = \(salted)) AS salt,
                EXISTS (SELECT 1 FROM audit_forgotten WHERE audit_forgotten.question_id = \(salted)) AS is_forgotten
            """
    }
}
