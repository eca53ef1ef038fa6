package import Foundation

/// What ``Store/removeOld(days:key:now:)`` has deleted.
package struct RetentionResult: Sendable, Hashable {
    /// Rows of the audit log and of `tool_calls`; on PostgreSQL the months whose partitions were dropped, `2026_08`.
    package var auditRows = 0
    package var toolCalls = 0
    package var months: [String] = []
    /// Questions with their steps and messages.
    package var questions = 0
    /// Months that were left because of rows that are not sealed yet, or that only a process with an audit key can
    /// remove.
    package var waiting: [String] = []

    /// Whether nothing was deleted.
    package var isEmpty: Bool { auditRows == 0 && toolCalls == 0 && months.isEmpty && questions == 0 }
}

extension Store {
    /// Deletes what is older than `days`: rows of the audit log with their tool calls, and questions that have ended
    /// and are delivered, with their steps and messages.
    ///
    /// On PostgreSQL the partitions of a month are dropped when all of the month is older; on SQLite rows are deleted
    /// by whole days (UTC). Sealed rows leave a signed record as long as other rows of their day of the chain remain,
    /// then one for the day, so that ``verifyAudit(trusted:since:)`` goes on to hold. Short transactions; one process
    /// at a time does it, the others return at once. Does nothing while the store is unavailable.
    ///
    /// - Parameters:
    ///   - days: 0 deletes nothing.
    ///   - key: the key that signs the records. nil: rows are not sealed here, and sealed ones are left.
    package func removeOld(days: Int, key: AuditKey?, now: Date = Date()) async throws -> RetentionResult {
        var result = RetentionResult()
        guard days > 0, !isAway else { return result }
        let limit = now.timeIntervalSince1970 - Double(days) * 86_400
        let cutoff = Date(timeIntervalSince1970: (limit / 86_400).rounded(.down) * 86_400)
        switch database.dialect {
        case .postgres: try await removeMonths(before: cutoff, key, &result)
        case .sqlite: try await removeRows(before: cutoff, key, &result)
        }
        result.questions = try await removeQuestions(before: cutoff)
        return result
    }

    /// True if this transaction may delete; false while that of another process does.
    static func tryLockRetention(_ connection: any SQLConnection) throws -> Bool {
        guard connection.dialect == .postgres else { return true }
        // The number is `keep` in ASCII.
        let row = try connection.query("SELECT pg_try_advisory_xact_lock(1801807216) AS got", []).first
        return row?.bool("got") ?? false
    }

    private func removeQuestions(before cutoff: Date) async throws -> Int {
        let batch = 500
        var total = 0
        while !Task.isCancelled {
            let count = try await database.write { connection in
                guard try Self.tryLockRetention(connection) else { return 0 }
                var statement = SQLStatement(connection.dialect)
                // Steps, posts, feedback and approvals are deleted by their foreign keys (ON DELETE CASCADE).
                let sql = """
                    DELETE FROM questions WHERE id IN (SELECT id FROM questions
                        WHERE finished_at < \(statement.bind(.time(cutoff))) AND NOT undelivered
                        AND state NOT IN ('received', 'working', 'waiting') ORDER BY finished_at LIMIT \(batch))
                    """
                return try connection.execute(sql, statement.values)
            }
            total += count
            guard count == batch else { break }
        }
        return total
    }
}
