import Bridge
package import Foundation

/// Digests that are posted on a schedule, by one of the processes.
extension Store {
    /// The most claims of one digest.
    package static let digestAttempts = 3

    /// Whether a process may claim the digest now.
    ///
    /// - Parameter age: as for ``claimDigest(due:owner:channel:takingOverAfter:)``.
    package func digestState(due: Date, takingOverAfter age: Duration = .seconds(120)) async throws -> DigestState {
        let key = Timestamp.text(due)
        return try await inStore {
            try await $0.read { connection -> DigestState in
                guard let row = try Self.digest(key, age, on: connection) else { return .due }
                return row.isOver ? .over : row.isOld ? .due : .held
            }
        }
    }

    /// Claims the digest for a process, unless another one has it.
    ///
    /// - Parameters:
    ///   - owner: ``ProcessRow/id``.
    ///   - channel: where the message is going to be posted.
    ///   - age: the age from which a claim without a result is taken over.
    package func claimDigest(
        due: Date, owner: String, channel: String, takingOverAfter age: Duration = .seconds(120)
    ) async throws -> DigestClaimResult {
        let key = Timestamp.text(due)
        return try await inStore {
            try await $0.write { connection -> DigestClaimResult in
                let inserted = try SQLStatement.insert(
                    into: "digests",
                    [("due", .text(key)), ("owner", .text(owner)), ("attempts", .int(1)), ("channel", .text(channel))],
                    "ON CONFLICT DO NOTHING", on: connection)
                if inserted == 1 { return .claimed(DigestClaim(due: key, owner: owner, attempt: 1)) }
                guard let row = try Self.digest(key, age, on: connection), !row.isOver else { return .over }
                return try Self.takeOver(row, owner, channel, on: connection)
            }
        }
    }

    /// Stores where the message is. False if another process has taken the digest over.
    package func digestPosted(_ claim: DigestClaim, at message: DigestMessageAddress) async throws -> Bool {
        try await changeDigest(claim) { statement, _ in
            "channel = \(statement.bind(.text(message.channel))), ts = \(statement.bind(.text(message.ts)))"
        }
    }

    /// Stores that the digest was sent. False if another process has taken it over.
    package func digestSent(_ claim: DigestClaim) async throws -> Bool {
        try await changeDigest(claim) { _, dialect in "sent_at = \(dialect.now)" }
    }

    /// Stores that the digest is not going to be sent, with an entry in `admin_events`. False, without an entry, if it
    /// was sent or given up before, or if its message is known.
    ///
    /// - Parameter reason: an error code or a short text, without personal text.
    package func giveUpDigest(due: Date, reason: String) async throws -> Bool {
        let key = Timestamp.text(due)
        return try await inStore {
            try await $0.write { connection -> Bool in
                let changed = try SQLStatement.insert(
                    into: "digests",
                    [("due", .text(key)), ("owner", .text("")), ("attempts", .int(0)), ("given_up", .text(reason))],
                    """
                    ON CONFLICT (due) DO UPDATE SET given_up = excluded.given_up
                    WHERE digests.sent_at IS NULL AND digests.given_up IS NULL AND digests.ts IS NULL
                    """, on: connection)
                guard changed == 1, let row = try Self.digest(key, .zero, on: connection) else { return false }
                try SQLStatement.insert(
                    into: "admin_events",
                    [
                        ("actor", .text("schedule")), ("action", .text("digest.given_up")), ("subject", .text(key)),
                        ("detail", .json(["attempts": .int(row.attempts), "reason": .string(reason)])),
                    ], on: connection)
                return true
            }
        }
    }

    /// A compare-and-set on the attempts: of several processes one succeeds.
    private static func takeOver(
        _ row: DigestRow, _ owner: String, _ channel: String, on connection: any SQLConnection
    ) throws -> DigestClaimResult {
        guard row.isOld else { return .held }
        guard row.attempts < digestAttempts else { return row.message == nil ? .exhausted : .over }
        var statement = SQLStatement(connection.dialect)
        let sql = """
            UPDATE digests SET owner = \(statement.bind(.text(owner))),
                channel = CASE WHEN ts IS NULL THEN \(statement.bind(.text(channel))) ELSE channel END,
                claimed_at = \(connection.dialect.now), attempts = attempts + 1
            WHERE due = \(statement.bind(.text(row.due))) AND attempts = \(statement.bind(.int(row.attempts)))
            AND sent_at IS NULL AND given_up IS NULL
            """
        guard try connection.execute(sql, statement.values) == 1 else { return .held }
        return .claimed(
            DigestClaim(
                due: row.due, owner: owner, attempt: Int(row.attempts) + 1, earlierChannel: row.channel,
                message: row.message))
    }

    /// Changes the row under a claim. `changes` returns the columns with their values, after it bound them.
    private func changeDigest(
        _ claim: DigestClaim, _ changes: @escaping @Sendable (inout SQLStatement, SQLDialect) -> String
    ) async throws -> Bool {
        try await inStore {
            try await $0.write { connection -> Bool in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    UPDATE digests SET \(changes(&statement, connection.dialect))
                    WHERE due = \(statement.bind(.text(claim.due)))
                    AND owner = \(statement.bind(.text(claim.owner)))
                    AND attempts = \(statement.bind(.int(Int64(claim.attempt))))
                    """
                return try connection.execute(sql, statement.values) == 1
            }
        }
    }

    /// - Parameter age: from which a claim is old.
    private static func digest(
        _ due: String, _ age: Duration, on connection: any SQLConnection
    ) throws -> DigestRow? {
        let sql = """
            SELECT attempts, channel, ts,
                CASE WHEN sent_at IS NULL AND given_up IS NULL THEN 0 ELSE 1 END AS is_over,
                CASE WHEN claimed_at <= \(connection.dialect.now(plus: -age.milliseconds)) THEN 1 ELSE 0 END AS is_old
            FROM digests WHERE due = $1
            """
        return try connection.query(sql, [.text(due)]).first.map { DigestRow($0, due: due) }
    }
}

/// A row of `digests`, as far as decisions need it.
private struct DigestRow: Sendable {
    let due: String
    let attempts: Int64
    let channel: String?
    let message: DigestMessageAddress?
    /// Whether it was sent or given up.
    let isOver: Bool
    /// Whether the claim may be taken over.
    let isOld: Bool

    init(_ row: SQLRow, due: String) {
        self.due = due
        attempts = row.int("attempts") ?? 0
        channel = row.text("channel")
        message = row.text("channel").flatMap { channel in
            row.text("ts").map { DigestMessageAddress(channel: channel, ts: $0) }
        }
        isOver = row.bool("is_over") ?? false
        isOld = row.bool("is_old") ?? false
    }
}
