/// The last row of the chain, after which the next one follows, and the day to which that one belongs.
struct ChainEnd: Sendable {
    let day: String
    /// The last position of the day; 0 before its first row.
    var seq: Int64
    var hash: String
    /// The head of the day before, if the day has no row yet: no row is added to that day any more.
    var finished: AuditHead?
}

extension Store {
    /// Where the chain goes on today.
    ///
    /// If the last head does not fit what it signed, a new head of the same day would hide that: then `.corrupt` is
    /// thrown until the day is over, and a later day goes on after the head as it is, which stays as a finding.
    static func chainEnd(_ key: AuditKey, on connection: any SQLConnection) throws -> ChainEnd {
        let today = try today(on: connection)
        let head = try connection.query(
            """
            SELECT chain_day, seq, hash, signature, key_id FROM audit_heads ORDER BY chain_day DESC LIMIT 1
            """, []
        ).first.flatMap { AuditHead($0) }
        let row = try connection.query(
            """
            SELECT chain_day, seq, hash FROM audit_logs WHERE chain_day IS NOT NULL
            ORDER BY chain_day DESC, seq DESC LIMIT 1
            """, []
        ).first
        let last = max(head?.day ?? "", row?.text("chain_day") ?? "")
        let fits = try fits(head, row, key, on: connection)
        guard fits || last < today else {
            throw StoreError(
                .corrupt,
                "the audit log was changed after it was sealed: its head of \(last) does not fit. No row is sealed "
                    + "until that day is over; `omni audit verify` says what was changed")
        }
        let day = max(today, last)
        if fits, let head, head.day == day { return ChainEnd(day: day, seq: head.seq, hash: head.hash) }
        return ChainEnd(
            day: day, seq: 0, hash: head?.hash ?? row?.text("hash") ?? AuditDigest.start, finished: head)
    }

    /// Whether the head is validly signed, and the last row is the one that it names or was removed by the retention.
    private static func fits(
        _ head: AuditHead?, _ row: SQLRow?, _ key: AuditKey, on connection: any SQLConnection
    ) throws -> Bool {
        guard let head else { return row == nil }
        guard head.isSigned(by: try auditKeys(on: connection)[head.keyID]) else { return false }
        // Another key may have signed it only if this one is new.
        if head.keyID != key.id {
            let own = try connection.query("SELECT 1 FROM audit_heads WHERE key_id = $1 LIMIT 1", [.text(key.id)])
            guard own.isEmpty else { return false }
        }
        if let row, let day = row.text("chain_day"), let seq = row.int("seq") {
            if (day, seq) == (head.day, head.seq) { return row.text("hash") == head.hash }
            if (day, seq) > (head.day, head.seq) { return false }
        }
        let removed = try connection.query(
            "SELECT 1 FROM audit_tombstones WHERE chain_day = $1 AND seq IN ($2, $3) LIMIT 1",
            [.text(head.day), .int(head.seq), .int(RemovedRow.wholeDay)])
        return !removed.isEmpty
    }

    /// The day by the database's clock, in UTC.
    private static func today(on connection: any SQLConnection) throws -> String {
        let sql =
            switch connection.dialect {
            case .postgres: "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day"
            case .sqlite: "SELECT strftime('%Y-%m-%d', 'now') AS day"
            }
        guard let day = try connection.query(sql, []).first?.text("day") else {
            throw StoreError(.other, "the database did not tell the time")
        }
        return day
    }
}
