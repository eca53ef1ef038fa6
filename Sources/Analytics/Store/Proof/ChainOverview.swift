/// The heads of the chain and what there is of its days, in one snapshot.
struct ChainOverview: Sendable {
    /// What there is of a day.
    struct Day: Sendable, Hashable {
        /// The number of rows, and the last position.
        var rows = 0
        var last: Int64 = 0
        /// Whether there are records of single removed rows.
        var isRecorded = false
        /// The record of the whole day.
        var removed: RemovedRow?
    }

    /// In the order of their days.
    let heads: [AuditHead]
    let keys: [String: AuditPublicKey]
    let days: [String: Day]
    /// Rows without a position.
    let unsealed: Int
    /// Rows with a position and without a day, which sealing does not make.
    let strays: Int

    /// - Parameter trusted: the key of this process, which must have signed each head after its first one.
    func trust(_ head: AuditHead, _ trusted: AuditKey?) -> HeadTrust {
        guard let key = keys[head.keyID] else { return .unknownKey }
        guard head.isSigned(by: key) else { return .changed }
        guard let trusted, trusted.id != head.keyID else { return .signed }
        return isLate(head.day, trusted) ? .unknownKey : .signed
    }

    /// Whether the record of a removal counts. That of a day after the first head of this process's key must be signed
    /// by that key: who can write to the database can also add a public key to `audit_keys`.
    func trusts(_ removed: RemovedRow, _ trusted: AuditKey?) -> Bool {
        guard removed.isSigned(by: keys[removed.keyID]) else { return false }
        guard let trusted, trusted.id != removed.keyID else { return true }
        // If no other key was in use before, none can have signed a record.
        return heads.first?.keyID != trusted.id && !isLate(removed.day, trusted)
    }

    /// Whether another key than this process's has nothing to sign for that day any more.
    private func isLate(_ day: String, _ trusted: AuditKey) -> Bool {
        guard let first = heads.first(where: { $0.keyID == trusted.id }) else { return day == heads.last?.day }
        return day > first.day
    }
}

extension Store {
    /// Checks the audit log against its proof. Reads all of it, page by page; sealing and questions go on meanwhile.
    ///
    /// - Parameters:
    ///   - trusted: the key of this process, which must have signed the newest head; nil: any of `audit_keys` counts.
    ///   - since: the first day of the chain to check, `2026-11-28`; nil: all.
    package func verifyAudit(trusted: AuditKey? = nil, since: String? = nil) async throws -> AuditVerification {
        // On PostgreSQL the key of the data folder may be one that never signed, beside that of another process.
        let counts = trusted.map { $0.isFromEnvironment || database.dialect == .sqlite } ?? false
        return try await AuditVerifier(store: self, trusted: counts ? trusted : nil, since: since).run()
    }

    func chainOverview() async throws -> ChainOverview {
        try await database.read { connection in
            let heads = try connection.query(
                "SELECT chain_day, seq, hash, signature, key_id FROM audit_heads ORDER BY chain_day", [])
            let rows = try connection.query(
                """
                SELECT chain_day, count(*) AS number, max(seq) AS last FROM audit_logs
                WHERE chain_day IS NOT NULL AND seq IS NOT NULL GROUP BY chain_day
                """, [])
            let removed = try connection.query(
                """
                SELECT chain_day, seq, prev_hash, hash, signature, key_id FROM audit_tombstones
                WHERE seq = \(RemovedRow.wholeDay)
                """, []
            ).compactMap { RemovedRow($0) }
            let recorded = try connection.query(
                "SELECT DISTINCT chain_day FROM audit_tombstones WHERE seq <> \(RemovedRow.wholeDay)", []
            ).compactMap { $0.text("chain_day") }
            var days: [String: ChainOverview.Day] = [:]
            for row in rows {
                guard let day = row.text("chain_day") else { continue }
                days[day] = ChainOverview.Day(rows: Int(row.int("number") ?? 0), last: row.int("last") ?? 0)
            }
            for record in removed { days[record.day, default: ChainOverview.Day()].removed = record }
            for day in recorded { days[day, default: ChainOverview.Day()].isRecorded = true }
            let rest = try connection.query(
                """
                SELECT (SELECT count(*) FROM audit_logs WHERE seq IS NULL) AS unsealed,
                    (SELECT count(*) FROM audit_logs WHERE chain_day IS NULL AND seq IS NOT NULL) AS strays
                """, []
            ).first
            return ChainOverview(
                heads: heads.compactMap { AuditHead($0) }, keys: try Self.auditKeys(on: connection), days: days,
                unsealed: Int(rest?.int("unsealed") ?? 0), strays: Int(rest?.int("strays") ?? 0))
        }
    }

    /// What there is of a day now, up to a position.
    func chainDay(_ day: String, through last: Int64) async throws -> ChainOverview.Day {
        try await database.read { connection in
            let row = try connection.query(
                "SELECT count(*) AS number, max(seq) AS last FROM audit_logs WHERE chain_day = $1 AND seq <= $2",
                [.text(day), .int(last)]
            ).first
            let removed = try connection.query(
                """
                SELECT chain_day, seq, prev_hash, hash, signature, key_id FROM audit_tombstones
                WHERE chain_day = $1 AND seq = \(RemovedRow.wholeDay)
                """, [.text(day)]
            ).first.flatMap { RemovedRow($0) }
            let recorded = try connection.query(
                "SELECT 1 FROM audit_tombstones WHERE chain_day = $1 AND seq <> \(RemovedRow.wholeDay) LIMIT 1",
                [.text(day)])
            return ChainOverview.Day(
                rows: Int(row?.int("number") ?? 0), last: row?.int("last") ?? 0, isRecorded: !recorded.isEmpty,
                removed: removed)
        }
    }
}
