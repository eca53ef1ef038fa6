import Bridge
import Foundation

/// The outcome of ``Store/sealAudit(key:limit:)``.
package struct SealingResult: Sendable, Hashable {
    /// The number of rows that got a position.
    package var sealed = 0
    /// Whether there may be more rows.
    package var isFull = false
    /// The day's head; nil if nothing was sealed.
    package var head: AuditHead?
    /// The last head of the day before, of the run that begins a day: of several processes one has it.
    package var finished: AuditHead?
}

extension Store {
    /// Rows that are read and written together.
    private static let sealedAtOnce = 200

    /// Chains the rows without a position, in the order of their ids, and signs the day's head, in one transaction.
    ///
    /// Questions do not wait for it: a row is sealed some seconds after it was written. A row with a lower id that is
    /// committed later gets a later position. One process seals at a time; does nothing while the store is unavailable.
    /// Throws ``StoreError``: `.auditKey` if this process may not sign, `.corrupt` if today's head does not fit the
    /// rows, which a new head would hide (from the next day on rows are sealed again).
    package func sealAudit(key: AuditKey, limit: Int = 5000) async throws -> SealingResult {
        guard !isAway else { return SealingResult() }
        return try await database.write { try Self.seal(key, limit: limit, on: $0) }
    }

    /// Until the end of the transaction no other one seals, forgets or removes rows of the chain.
    static func lockChain(_ connection: any SQLConnection) throws {
        // SQLite serialises write transactions by itself. The number is `seal` in ASCII.
        guard connection.dialect == .postgres else { return }
        _ = try connection.query("SELECT pg_advisory_xact_lock(1936023916)", [])
    }

    private static func seal(
        _ key: AuditKey, limit: Int, on connection: any SQLConnection
    ) throws -> SealingResult {
        try lockChain(connection)
        var page = try unsealed(after: 0, limit: min(sealedAtOnce, limit), on: connection)
        guard !page.isEmpty else { return SealingResult() }
        try adopt(key, on: connection)
        var end = try chainEnd(key, on: connection)
        var result = SealingResult()
        while !page.isEmpty {
            try chain(page, after: &end, on: connection)
            result.sealed += page.count
            let rest = limit - result.sealed
            guard page.count == sealedAtOnce, rest > 0, let last = page.last?.id else { break }
            page = try unsealed(after: last, limit: min(sealedAtOnce, rest), on: connection)
        }
        let head = try AuditHead(day: end.day, seq: end.seq, hash: end.hash, key: key)
        try write(head, on: connection)
        result.head = head
        result.finished = end.finished
        result.isFull = result.sealed >= limit
        return result
    }

    private static func unsealed(
        after id: Int64, limit: Int, on connection: any SQLConnection
    ) throws -> [SealedRow] {
        try connection.query(
            """
            SELECT \(sealedSelection(connection.dialect)) FROM audit_logs WHERE seq IS NULL AND id > $1
            ORDER BY id LIMIT \(max(1, limit))
            """, [.int(id)]
        ).compactMap { SealedRow($0) }
    }

    private static func chain(
        _ rows: [SealedRow], after end: inout ChainEnd, on connection: any SQLConnection
    ) throws {
        let salts = try addSalts(to: rows, on: connection)
        for row in rows {
            let digest = AuditDigest.personalDigest(row.personal, salt: salts[row.saltKey] ?? [])
            let hash = AuditDigest.hash(after: end.hash, row.listed, personalDigest: digest)
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE audit_logs SET chain_day = \(statement.bind(.text(end.day))),
                    seq = \(statement.bind(.int(end.seq + 1))), prev_hash = \(statement.bind(.text(end.hash))),
                    hash = \(statement.bind(.text(hash))), hash_version = \(AuditDigest.version),
                    personal_digest = \(statement.bind(.text(digest)))
                WHERE id = \(statement.bind(.int(row.id)))\(place(of: row, &statement, connection.dialect))
                """
            try connection.enqueue(sql, statement.values)
            (end.seq, end.hash) = (end.seq + 1, hash)
        }
    }

    /// A condition that names the partition, which without it would be searched for; empty for SQLite. The stored time
    /// may have microseconds, the row's text has milliseconds.
    private static func place(of row: SealedRow, _ statement: inout SQLStatement, _ dialect: SQLDialect) -> String {
        guard dialect == .postgres, let time = row.listed["created_at"]?.string.flatMap(Timestamp.date) else {
            return ""
        }
        let from = statement.bind(.time(time.addingTimeInterval(-1)))
        return " AND created_at BETWEEN \(from) AND \(statement.bind(.time(time.addingTimeInterval(1))))"
    }

    /// Gives each row without a salt a new one. Returns all of them by ``SealedRow/saltKey``.
    private static func addSalts(
        to rows: [SealedRow], on connection: any SQLConnection
    ) throws -> [String: [UInt8]] {
        var salts: [String: [UInt8]] = [:]
        var statement = SQLStatement(connection.dialect)
        var places: [String] = []
        for row in rows where salts[row.saltKey] == nil {
            if let salt = row.salt {
                salts[row.saltKey] = salt
                continue
            }
            let salt = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
            salts[row.saltKey] = salt
            let values = [
                statement.bind(.text(row.saltKey)), statement.bind(.text(row.personal["user_email"]?.string)),
                statement.bind(.bytes(salt)),
            ]
            places.append("(\(values.joined(separator: ", ")))")
        }
        guard !places.isEmpty else { return salts }
        try connection.enqueue(
            "INSERT INTO audit_salts (question_id, user_email, salt) VALUES \(places.joined(separator: ", "))",
            statement.values)
        return salts
    }

    private static func write(_ head: AuditHead, on connection: any SQLConnection) throws {
        try SQLStatement.insert(
            into: "audit_heads",
            [
                ("chain_day", .text(head.day)), ("seq", .int(head.seq)), ("hash", .text(head.hash)),
                ("signature", .text(head.signature)), ("key_id", .text(head.keyID)),
            ],
            """
            ON CONFLICT (chain_day) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
                signature = excluded.signature, key_id = excluded.key_id, signed_at = \(connection.dialect.now)
            """, on: connection)
    }
}
