import Bridge
import Foundation

/// Routes calls to the store, or to the spool while the store is unavailable and for questions that are still in the
/// spool.
extension Store {
    /// A closure over a connection; it may run more than once, see ``SQLDatabase/write(_:)``.
    typealias Work<Value> = @Sendable (any SQLConnection) throws -> Value

    /// A write about one question, in the database that has the question. A question that this process has claimed is
    /// copied to the spool when the store becomes unavailable. Throws ``StoreError`` `.superseded` if another process
    /// may have claimed it by then.
    ///
    /// - Parameter autocommit: the body is one statement, see ``SQLDatabase/autocommit(_:)``.
    func write<Value: Sendable>(of id: ULID, autocommit: Bool = false, _ body: @escaping Work<Value>) async throws
        -> Value
    {
        try await route(id) { try await autocommit ? $0.autocommit(body) : $0.write(body) }
    }

    /// A write that counts only under this process's claim. False if another process has or may have the question.
    func writeClaimed(_ id: ULID, autocommit: Bool = false, _ body: @escaping Work<Bool>) async throws -> Bool {
        try await writeClaimed(id, autocommit: autocommit) { try body($0) ? true : nil } ?? false
    }

    /// The same for a write that returns a value; nil instead of false.
    func writeClaimed<Value: Sendable>(
        _ id: ULID, autocommit: Bool = false, _ body: @escaping Work<Value?>
    ) async throws -> Value? {
        do {
            return try await write(of: id, autocommit: autocommit, body)
        } catch let error as StoreError where error.code == .superseded {
            return nil
        }
    }

    /// A read about one question, in the database that has the question.
    func read<Value: Sendable>(of id: ULID, autocommit: Bool = false, _ body: @escaping Work<Value>) async throws
        -> Value
    {
        try await route(id) { try await autocommit ? $0.autocommit(body) : $0.read(body) }
    }

    /// A write about a question that this process does not work on. Throws `.busy` if the question does not leave the
    /// spool, or this process's hands, in time.
    func writeUnclaimed<Value: Sendable>(_ id: ULID, _ body: @escaping Work<Value>) async throws -> Value {
        guard let spool else { return try await database.write(body) }
        let end = ContinuousClock.now + spool.limits.other
        while spool.contains(id) {
            // A write between the copy to the store and the removal from the spool would be lost.
            if spool.engage(id) {
                defer { spool.disengage(id) }
                return try await spool.file.use { try await $0.write(body) }
            }
            guard ContinuousClock.now < end else {
                throw StoreError(.busy, "the question \(id) is in progress or on its way to the store")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return try await inStore { try await $0.write(body) }
    }

    private func route<Value: Sendable>(
        _ id: ULID, _ work: @escaping @Sendable (any SQLDatabase) async throws -> Value
    ) async throws -> Value {
        guard let spool else { return try await work(database) }
        if spool.contains(id) { return try await spool.file.use(work) }
        do {
            return try await inStore(work)
        } catch let error as StoreError where error.saysAway {
            try await copyToSpool(id, because: error)
            return try await spool.file.use(work)
        }
    }

    /// Work on the store, with a time limit if there is a spool. Throws at once while the store is unavailable.
    func inStore<Value: Sendable>(
        within limit: Duration? = nil, _ work: @escaping @Sendable (any SQLDatabase) async throws -> Value
    ) async throws -> Value {
        guard let spool else { return try await work(database) }
        return try await spool.ask(database, within: limit ?? spool.limits.other, work)
    }

    /// A write about the posts of a question. What the outbox then contains is remembered, for the case that the store
    /// becomes unavailable before the next call.
    func writePosts(of id: ULID, _ body: @escaping Work<Bool>) async throws -> Bool {
        guard let spool, !spool.contains(id) else { return try await writeClaimed(id, body) }
        let posts = try await writeClaimed(id) { connection -> [PostRow]? in
            try body(connection) ? try Self.posts(of: id, on: connection) : nil
        }
        if let posts { heldClaims.withLockedValue { $0.note(posts, of: id) } }
        return posts != nil
    }

    /// Accepts a question while the store is unavailable or too slow. The store may have it too, under the same id.
    ///
    /// - Parameter error: the error with which the store failed to accept it.
    func acceptIntoSpool(_ new: NewQuestion, in spool: Spool, because error: StoreError) async throws -> AcceptResult {
        let id = new.question.id
        guard !spool.contains(id) else { return .accepted(id) }
        // Before the write, because otherwise the file could be found empty and be removed between the write and this
        // note.
        spool.state.withLockedValue { state in
            state.questions[id] = Spool.SpooledQuestion(
                thread: new.question.threadKey, askedAt: new.question.askedAt, isEngaged: true,
                isUnsure: error.mayHaveHappened)
        }
        do {
            let acceptResult = try await spool.file.use { database in
                try await database.write { try Self.accept(new, on: $0) }
            }
            guard case .accepted(id) = acceptResult else {
                spool.left(id)
                return acceptResult
            }
            spool.disengage(id)
            return acceptResult
        } catch {
            spool.left(id)
            throw error
        }
    }

    /// Copies to the spool what this process knows of a question that it has claimed in the store. Throws `error` if it
    /// has not claimed it.
    ///
    /// Only while the lease runs: a process that was suspended for longer finds its connections closed, which looks
    /// like an outage, and another process may have claimed its questions.
    private func copyToSpool(_ id: ULID, because error: StoreError) async throws {
        guard let spool, let held = heldClaims.withLockedValue({ $0[id] }) else { throw error }
        guard holds(held.claim) else {
            heldClaims.withLockedValue { $0.scheduleRelease(held.claim) }
            throw StoreError(.superseded, "the lease of the question \(id) was over when the store went away")
        }
        // The import replaces all posts: rows of an earlier claim that this process has not read would be deleted.
        guard held.knowsPosts else { throw error }
        let row = held.claim.question
        try await spool.file.use { database in
            try await database.write { try held.copy(to: $0) }
        }
        spool.state.withLockedValue { state in
            state.questions[id] = Spool.SpooledQuestion(
                thread: row.threadKey, askedAt: row.askedAt, isEngaged: true, isBorrowed: true)
        }
    }
}

extension HeldClaims.Entry {
    /// Writes the question as the store has it, with its posts and without its steps.
    fileprivate func copy(to connection: any SQLConnection) throws {
        let row = claim.question
        let (state, waitingFor, waitUntil): (QuestionState, QuestionState.Reason?, Date?) =
            switch result {
            case .ended(let state): (state, nil, nil)
            case .waits(let reason, let until): (.waiting, reason, until)
            case nil: (row.state, row.waitingFor, row.waitUntil)
            }
        // An attempt that led to a wait does not count.
        let attempts = if case .waits = result { row.attempts - 1 } else { row.attempts }
        let fields: [(String, ColumnValue)] = [
            ("id", .text(row.id.text)), ("origin_key", .text(row.originKey)), ("team", .text(row.origin.team)),
            ("door", .text(row.place.entryPoint.rawValue)), ("channel", .text(row.place.channel)),
            ("channel_name", .text(row.place.channelName)), ("is_direct", .bool(row.place.isDirect)),
            ("thread_key", .text(row.threadKey)), ("asker_email", .text(row.askerEmail)),
            ("asker_name", .text(row.askerName)), ("asker_role", .text(row.askerRole)),
            ("asker_id", .text(row.origin.userID)), ("text", .text(row.text)), ("kind", .text(row.kind.rawValue)),
            ("state", .text(state.rawValue)), ("waiting_for", .text(waitingFor?.rawValue)),
            ("wait_until", .time(waitUntil)), ("owner", .text(claim.owner)), ("epoch", .int(claim.epoch)),
            ("attempts", .int(Int64(attempts))), ("undelivered", .bool(state != .working)),
            ("asked_at", .time(row.askedAt)), ("received_at", .time(row.receivedAt)),
            ("finished_at", .time(row.finishedAt)), ("deadline", .time(row.deadline)), ("answer", .text(row.answer)),
            ("warning", .text(row.warning)), ("is_private", .bool(row.isPrivate)), ("error_id", .text(row.errorID)),
            ("origin", .json(QuestionRows.origin(row.origin, row.context, row.call))),
            ("retry_of", .text(row.retryOf?.text)), ("stop", .json(row.stop?.json)),
        ]
        guard try SQLStatement.insert(into: "questions", fields, "ON CONFLICT DO NOTHING", on: connection) == 1 else {
            return
        }
        try connection.execute(
            "INSERT INTO borrowed (question_id) VALUES ($1) ON CONFLICT DO NOTHING", [.text(row.id.text)])
        if let place, !state.isTerminal { _ = try Store.place(claim, place.question, place.origin, on: connection) }
        for post in posts { try Store.copy(post, on: connection) }
    }
}
