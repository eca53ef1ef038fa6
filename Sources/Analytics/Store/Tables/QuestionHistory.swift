import Bridge

extension Store {
    /// Stores audit rows, tool calls and roll-ups of questions that never ran here, such as a history for a
    /// demonstration. There are no rows of questions, so that the history of threads does not contain them, and their
    /// messages are not sent. A question that is stored twice counts twice.
    ///
    /// One transaction for each 500 questions, in their order: after a failure the first ones are stored.
    package func record(_ finished: [FinishedQuestion]) async throws {
        let calendar = calendar
        for start in stride(from: 0, to: finished.count, by: 500) {
            let page = Array(finished[start..<min(start + 500, finished.count)])
            for question in page { try await ensurePartitions(for: question.finishedAt) }
            try await database.write { connection in
                var entries = RollupEntries()
                for question in page {
                    let (audit, calls) = (AuditRow(question), question.calls)
                    try Self.insert(audit, on: connection)
                    for call in calls { try Self.insert(call, at: audit.createdAt, on: connection) }
                    entries += Rollup.entries(of: audit, calls: calls, calendar)
                }
                try Self.add(entries, on: connection)
            }
        }
    }
}
