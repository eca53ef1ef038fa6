package import Bridge

extension Store {
    /// Requests that a question stops, in whatever process it is worked on: its owner finds the request at the next
    /// renewal of the lease. A question that waits, or was not claimed yet, is claimed as any other and ends then. Of
    /// several requests the first counts. False if the question has ended, or there is none.
    ///
    /// Throws as ``answer(_:to:of:)`` does, and the request may be repeated.
    package func stop(_ id: ULID, _ request: StopRequest) async throws -> Bool {
        try await writeUnclaimed(id) { connection in
            let before = try Self.machine(of: id, on: connection)
            guard let machine = try Self.change(id, by: .stop, on: connection) else { return false }
            if before?.state == .waiting, let wait = try Self.waits(of: id, on: connection).last {
                try Self.note(.cancelled(by: request.email), to: wait.id, of: id, machine.epoch, on: connection)
            }
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET stop = coalesce(stop, \(statement.bind(.json(request.json))))
                WHERE id = \(statement.bind(.text(id.text)))
                """
            try connection.enqueue(sql, statement.values)
            return true
        }
    }

    /// The questions of a thread that have not ended, oldest first. Throws ``StoreError`` `.unavailable` if the store is,
    /// and the spool has none of them.
    package func unended(inThread thread: String) async throws -> [QuestionRow] {
        let body: Work<[QuestionRow]> = { connection in
            let sql = """
                SELECT \(QuestionRows.selection(connection.dialect)) FROM questions
                WHERE \(QuestionRows.live) AND state IN ('received', 'working', 'waiting')
                AND thread_key = $1 ORDER BY questions.asked_at, questions.id
                """
            return try connection.query(sql, [.text(thread)]).compactMap { QuestionRow($0) }
        }
        guard let spool, spool.hasQuestions(ofThread: thread) else {
            return try await inStore { try await $0.read(body) }
        }
        let spooled = try await spool.file.use { try await $0.read(body) }
        let stored = isAway ? [] : try await inStore { try await $0.read(body) }
        let ids = Set(spooled.map(\.id))
        return spooled + stored.filter { !ids.contains($0.id) }
    }
}
