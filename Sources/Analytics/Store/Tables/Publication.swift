package import Bridge

/// What became of the wish to show a private answer to everyone.
package enum PublicationResult: Sendable, Hashable {
    /// The messages are in the outbox; the next claim of the question sends them.
    case planned
    /// Everyone sees the answer, or is about to.
    case alreadyPublic
    /// Messages of the question are still to be sent; the same call succeeds when they are.
    case undelivered
    /// There is no such question, or nothing of it may be shown.
    case refused
}

extension Store {
    /// Makes the private answer of an ended question public, in one transaction: of several calls one plans messages.
    /// The question is undelivered then. Throws ``StoreError``, at once while the store is unavailable.
    ///
    /// - Parameter posts: the messages that show the answer, from the question and its outbox; none refuses it.
    package func publish(
        _ id: ULID, _ posts: @escaping @Sendable (QuestionRow, [PostRow]) -> [PostRow]
    ) async throws -> PublicationResult {
        try await inStore { database in
            try await database.write { connection in
                guard let row = try Self.question(id, on: connection) else { return .refused }
                let planned = posts(row, try Self.posts(of: id, on: connection))
                guard !planned.isEmpty else { return .refused }
                guard try Self.setPublic(id, on: connection) else {
                    return row.isPrivate ? .undelivered : .alreadyPublic
                }
                guard let machine = try Self.change(id, by: .publish, on: connection) else {
                    throw StoreError(.busy, "the question \(id) is not over: show its answer later")
                }
                // The epoch of the next claim: only a later one searches the thread for the messages first.
                for post in planned { try Self.put(post, epoch: machine.epoch + 1, on: connection) }
                return .planned
            }
        }
    }

    /// Locks the row, and records that everyone may see the answer. False if it is public or not delivered.
    private static func setPublic(_ id: ULID, on connection: any SQLConnection) throws -> Bool {
        var statement = SQLStatement(connection.dialect)
        let sql = """
            UPDATE questions SET is_private = \(statement.bind(.bool(false)))
            WHERE id = \(statement.bind(.text(id.text))) AND is_private AND NOT undelivered
            """
        return try connection.execute(sql, statement.values) == 1
    }
}
