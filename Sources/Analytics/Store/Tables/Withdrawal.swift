import Bridge

extension Store {
    /// Ends an unclaimed question whose asker does not wait any more, independent of its thread's order: writes its
    /// terminal state and audit row in one transaction. True if the question is over; false while another claim holds
    /// it, while it waits for an answer, or while it is being moved from the spool to the store.
    package func withdraw(_ finished: FinishedQuestion, by process: ProcessRow) async throws -> Bool {
        let id = finished.question.id
        let calendar = calendar
        let body: Work<Bool> = { try Self.withdraw(finished, by: process.id, calendar, on: $0) }
        if let spool, spool.contains(id) {
            // A write between the copy to the store and the removal from the spool would be lost.
            guard spool.engage(id) else { return false }
            defer { spool.disengage(id) }
            return try await spool.file.use { try await $0.write(body) }
        }
        try await ensurePartitions(for: finished.finishedAt)
        return try await inStore { try await $0.write(body) }
    }

    private static func withdraw(
        _ finished: FinishedQuestion, by owner: String, _ calendar: ReportingCalendar, on connection: any SQLConnection
    ) throws -> Bool {
        let id = finished.question.id
        guard try change(id, by: .withdraw(by: owner, finished.outcome.state), on: connection) != nil else {
            return try question(id, on: connection)?.state.isTerminal ?? true
        }
        let audit = AuditRow(finished)
        var statement = SQLStatement(connection.dialect)
        let sql = """
            UPDATE questions SET finished_at = \(statement.bind(.time(finished.finishedAt))),
                error_code = \(statement.bind(.text(audit.errorCode))),
                error_id = \(statement.bind(.text(audit.errorID)))
            WHERE id = \(statement.bind(.text(id.text)))
            """
        try connection.enqueue(sql, statement.values)
        try insert(audit, calls: [], calendar, on: connection)
        return true
    }
}

extension QuestionRow {
    /// True if it was ended before any process began to answer it (``Store/withdraw(_:by:)``).
    package var wasWithdrawn: Bool { state.isTerminal && attempts == 0 }
}
