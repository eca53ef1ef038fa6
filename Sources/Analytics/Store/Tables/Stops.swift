package import Bridge

extension Store {
    /// Requests that a question stops, in whatever process it is worked on: its owner finds the request at the next
    /// renewal of the lease. A question that waits, or was not claimed yet, is claimed as any other and ends then. Of
    /// several requests the first counts. False if the question has ended, or there is none.
    ///
    /// Throws as ``answer(_:to:of:)`` does, and the request may be repeated.
    package func stop(_ id: ULID, _ request: StopRequest) async throws -> Bool {
        try await writeUnclaimed(id) { connection in
            guard var machine = try Self.machine(of: id, on: connection) else { return false }
            let isWaiting = machine.state == .waiting
            guard machine.handle(.stop) else { return false }
            // Else the row's state stays, also its lease: an owner that has lost it in an outage may go on in its spool.
            if isWaiting { try Self.endWait(of: id, by: request, on: connection) }
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET stop = coalesce(stop, \(statement.bind(.json(request.json))))
                WHERE id = \(statement.bind(.text(id.text)))
                """
            try connection.enqueue(sql, statement.values)
            return true
        }
    }

    /// Ends the wait of a question that is to stop, so that it is claimed.
    private static func endWait(of id: ULID, by request: StopRequest, on connection: any SQLConnection) throws {
        guard let machine = try change(id, by: .stop, on: connection),
            let wait = try waits(of: id, on: connection).last
        else { return }
        try note(.cancelled(by: request.email), to: wait.id, of: id, machine.epoch, on: connection)
    }

    /// Ends the wait that has just begun if the question was to stop before.
    static func endWaitIfStopped(_ id: ULID, on connection: any SQLConnection) throws {
        let sql = "SELECT \(connection.dialect.selected("stop", .json)) FROM questions WHERE id = $1"
        guard let request = StopRequest(try connection.query(sql, [.text(id.text)]).first?.json("stop")) else { return }
        try endWait(of: id, by: request, on: connection)
    }

    /// The questions of a thread that have not ended, oldest first. While the store is unavailable those of the spool
    /// and those that this process works on; throws ``StoreError`` `.unavailable` if there is none of them.
    package func unended(inThread thread: String) async throws -> [QuestionRow] {
        let body: Work<[QuestionRow]> = { connection in
            let sql = """
                SELECT \(QuestionRows.selection(connection.dialect)) FROM questions
                WHERE \(QuestionRows.live) AND state IN ('received', 'working', 'waiting')
                AND thread_key = $1 ORDER BY questions.asked_at, questions.id
                """
            return try connection.query(sql, [.text(thread)]).compactMap { QuestionRow($0) }
        }
        guard let spool else { return try await database.read(body) }
        var questions: [QuestionRow] = []
        if spool.hasQuestions(ofThread: thread) { questions = try await spool.file.use { try await $0.read(body) } }
        let ids = Set(questions.map(\.id))
        do {
            questions += try await inStore { try await $0.read(body) }.filter { !ids.contains($0.id) }
        } catch let error as StoreError where error.saysAway {
            questions += heldClaims.withLockedValue { $0.unended(inThread: thread) }.filter { !ids.contains($0.id) }
            if questions.isEmpty { throw error }
        }
        return questions.sorted { ($0.askedAt, $0.id) < ($1.askedAt, $1.id) }
    }
}
