/// The heads of the chain and what there is of its days, in one snapshot.
struct ChainOverview: Sendable {
    /// The rows of a day: their number and the last position.
    struct Day: Sendable {
        let rows: Int
        let last: Int64
    }

    /// In the order of their days.
    let heads: [AuditHead]
    let keys: [String: AuditPublicKey]
    let days: [String: Day]
    let removedDays: [String: RemovedRow]
    /// The days with records of single removed rows.
    let recordedDays: Set<String>
    /// Rows without a position.
    let unsealed: Int
    /// Rows with a position and without a day, which sealing does not make.
    let strays: Int

    /// - Parameter trusted: the key of this process, which must have signed each head after its first one.
    func trust(_ head: AuditHead, _ trusted: AuditKey?) -> HeadTrust {
        guard let key = keys[head.keyID] else { return .unknownKey }
        guard head.isSigned(by: key) else { return .changed }
        guard let trusted, trusted.id != head.keyID else { return .signed }
        let first = heads.first { $0.keyID == trusted.id }?.day
        let isLate = first.map { head.day > $0 } ?? (head.day == heads.last?.day)
        return isLate ? .unknownKey : .signed
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
            let days = try connection.query(
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
            let rest = try connection.query(
                """
                SELECT (SELECT count(*) FROM audit_logs WHERE seq IS NULL) AS unsealed,
                    (SELECT count(*) FROM audit_logs WHERE chain_day IS NULL AND seq IS NOT NULL) AS strays
                """, []
            ).first
            return ChainOverview(
                heads: heads.compactMap { AuditHead($0) },
                keys: try Self.auditKeys(on: connection),
                days: Dictionary(
                    days.compactMap { row in
                        row.text("chain_day").map { day in
                            (day, ChainOverview.Day(rows: Int(row.int("number") ?? 0), last: row.int("last") ?? 0))
                        }
                    }, uniquingKeysWith: { first, _ in first }),
                removedDays: Dictionary(removed.map { ($0.day, $0) }, uniquingKeysWith: { first, _ in first }),
                recordedDays: Set(recorded), unsealed: Int(rest?.int("unsealed") ?? 0),
                strays: Int(rest?.int("strays") ?? 0))
        }
    }
}
