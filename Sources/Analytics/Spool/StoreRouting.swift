import Bridge
import Foundation

/// Where a door of the record goes: to the store, or to the spool while the store is away and for what is still there.
extension Store {
    typealias Work<Value> = @Sendable (any SQLConnection) throws -> Value

    /// A write that is about one question, where that question is kept. One that this process works on moves into the
    /// spool when the store goes away under it. Throws ``StoreError`` `.superseded` when it may be another's by then.
    ///
    /// - Parameter autocommit: it is one statement, see ``SQLDatabase/autocommit(_:)``.
    func write<Value: Sendable>(of id: ULID, autocommit: Bool = false, _ body: @escaping Work<Value>) async throws
        -> Value
    {
        try await route(id) { try await autocommit ? $0.autocommit(body) : $0.write(body) }
    }

    /// A write that counts only under this process's claim. False when the question is another's by then, or may be.
    func writeClaimed(_ id: ULID, autocommit: Bool = false, _ body: @escaping Work<Bool>) async throws -> Bool {
        try await writeClaimed(id, autocommit: autocommit) { try body($0) ? true : nil } ?? false
    }

    /// The same for a write that gives something; nil in the place of false.
    func writeClaimed<Value: Sendable>(
        _ id: ULID, autocommit: Bool = false, _ body: @escaping Work<Value?>
    ) async throws -> Value? {
        do {
            return try await write(of: id, autocommit: autocommit, body)
        } catch let error as StoreError where error.code == .superseded {
            return nil
        }
    }

    /// The same for a read.
    func read<Value: Sendable>(of id: ULID, autocommit: Bool = false, _ body: @escaping Work<Value>) async throws
        -> Value
    {
        try await route(id) { try await autocommit ? $0.autocommit(body) : $0.read(body) }
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

    /// Work on the store, bounded when there is a spool to go to. Throws at once while the store is away.
    func inStore<Value: Sendable>(
        within limit: Duration? = nil, _ work: @escaping @Sendable (any SQLDatabase) async throws -> Value
    ) async throws -> Value {
        guard let spool else { return try await work(database) }
        return try await spool.ask(database, within: limit ?? spool.limits.other, work)
    }

    /// Such a write about the messages of a question. What stands in its outbox then is remembered, for the case that
    /// the store goes away before the next.
    func writePosts(of id: ULID, _ body: @escaping Work<Bool>) async throws -> Bool {
        guard let spool, !spool.contains(id) else { return try await writeClaimed(id, body) }
        let posts = try await writeClaimed(id) { connection -> [PostRow]? in
            try body(connection) ? try Self.posts(of: id, on: connection) : nil
        }
        if let posts { heldClaims.withLockedValue { $0.note(posts, of: id) } }
        return posts != nil
    }

    /// Takes a question in while the store is away or too slow. It may be in the store all the same, under the same id.
    ///
    /// - Parameter error: how the store failed to take it.
    func acceptIntoSpool(_ new: NewQuestion, in spool: Spool, because error: StoreError) async throws -> AcceptResult {
        let id = new.question.id
        guard !spool.contains(id) else { return .accepted(id) }
        // Before the write, or the file could be found empty and removed between the write and the note.
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
            spool.state.withLockedValue { $0.recent.note(new.originKey, id) }
            spool.disengage(id)
            return acceptResult
        } catch {
            spool.left(id)
            throw error
        }
    }

    /// Copies what this process knows of a question that it has claimed in the store. Throws the error when it has not.
    ///
    /// Only what is leased still: a process that stood still for longer finds its connections dead, which looks like an
    /// outage, and its questions with another.
    private func copyToSpool(_ id: ULID, because error: StoreError) async throws {
        guard let spool, let held = heldClaims.withLockedValue({ $0[id] }) else { throw error }
        guard holds(held.claim) else {
            heldClaims.withLockedValue { $0.scheduleRelease(held.claim) }
            throw StoreError(.superseded, "the lease of the question \(id) was over when the store went away")
        }
        // What an earlier claim left in the outbox would be deleted when the copy without it comes home.
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
    /// The question as it stands in the store, with its outbox and without its steps.
    fileprivate func copy(to connection: any SQLConnection) throws {
        let row = claim.question
        let state = ended ?? row.state
        let fields: [(String, ColumnValue)] = [
            ("id", .text(row.id.text)), ("origin_key", .text(row.originKey)), ("team", .text(row.origin.team)),
            ("door", .text(row.place.entryPoint.rawValue)), ("channel", .text(row.place.channel)),
            ("channel_name", .text(row.place.channelName)), ("is_direct", .bool(row.place.isDirect)),
            ("thread_key", .text(row.threadKey)), ("asker_email", .text(row.askerEmail)),
            ("asker_name", .text(row.askerName)), ("asker_role", .text(row.askerRole)),
            ("asker_id", .text(row.origin.userID)), ("text", .text(row.text)), ("kind", .text(row.kind.rawValue)),
            ("state", .text(state.rawValue)), ("owner", .text(claim.owner)), ("epoch", .int(claim.epoch)),
            ("attempts", .int(Int64(row.attempts))), ("undelivered", .bool(state.isTerminal)),
            ("asked_at", .time(row.askedAt)), ("received_at", .time(row.receivedAt)),
            ("finished_at", .time(row.finishedAt)), ("deadline", .time(row.deadline)), ("answer", .text(row.answer)),
            ("warning", .text(row.warning)), ("is_private", .bool(row.isPrivate)), ("error_id", .text(row.errorID)),
            ("origin", .json(["ids": row.origin.json, "context": row.context])),
            ("retry_of", .text(row.retryOf?.text)),
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
