import Bridge

extension Store {
    /// Accepts a question once: a second delivery with the same `originKey` returns the first one's id. When it
    /// returns, the question is durable and may be acknowledged.
    ///
    /// With a spool it takes at most ``Spool/Limits/accept`` (500 ms) and the time of a write to the spool.
    package func accept(_ new: NewQuestion) async throws -> AcceptResult {
        guard let spool else { return try await insert(new) }
        guard let key = new.originKey else { return try await accept(new, spool) }
        // Two deliveries of one message, or a delivery and a back-fill, may be handled at the same time. While the
        // store's availability changes one of them could be stored in the spool and the other in the store.
        while !spool.state.withLockedValue({ $0.accepting.insert(key).inserted }) {
            try await Task.sleep(for: .milliseconds(10))
        }
        defer { spool.state.withLockedValue { _ = $0.accepting.remove(key) } }
        if let known = spool.state.withLockedValue({ $0.recent[key] }) { return .duplicate(known) }
        let acceptResult = try await accept(new, spool)
        if case .accepted(let id) = acceptResult { spool.state.withLockedValue { $0.recent.note(key, id) } }
        return acceptResult
    }

    private func accept(_ new: NewQuestion, _ spool: Spool) async throws -> AcceptResult {
        do {
            return try await inStore(within: spool.limits.accept) {
                try await $0.autocommit { try Self.accept(new, on: $0) }
            }
        } catch let error as StoreError where error.saysAway {
            return try await acceptIntoSpool(new, in: spool, because: error)
        }
    }

    /// True if this process accepted a question with that key lately, or the store has one. Throws ``StoreError`` if
    /// the store does not answer within the time of an acknowledgement.
    package func isKnown(originKey: String) async throws -> Bool {
        if let spool, spool.state.withLockedValue({ $0.recent[originKey] }) != nil { return true }
        return try await inStore(within: spool?.limits.accept) {
            try await $0.autocommit { connection in
                let sql = "SELECT id FROM questions WHERE origin_key = $1"
                return try !connection.query(sql, [.text(originKey)]).isEmpty
            }
        }
    }

    private func insert(_ new: NewQuestion) async throws -> AcceptResult {
        do {
            return try await database.autocommit { try Self.accept(new, on: $0) }
        } catch let error as StoreError where error.code == .commitUnknown {
            // The row exists under this id, or it does not exist: the second insert is safe.
            return try await database.autocommit { try Self.accept(new, on: $0) }
        }
    }

    /// Inserts the question, or finds the one with its origin key or id. Throws `.busy` if that one vanished meanwhile.
    static func accept(_ new: NewQuestion, on connection: any SQLConnection) throws -> AcceptResult {
        let taken = try SQLStatement.insert(
            into: "questions", QuestionRows.fields(new), "ON CONFLICT DO NOTHING", on: connection)
        guard taken == 0 else { return .accepted(new.question.id) }
        // Under READ COMMITTED this statement sees the row that the insert conflicted with.
        let sql = "SELECT id FROM questions WHERE origin_key = $1 OR id = $2"
        let values: [SQLValue] = [
            new.originKey.map { .text($0.storable) } ?? .null, .text(new.question.id.text),
        ]
        guard let id = try connection.query(sql, values).first?.ulid("id") else {
            throw StoreError(.busy, "the question \(new.question.id) met another that vanished: take it in again")
        }
        return id == new.question.id ? .accepted(id) : .duplicate(id)
    }
}
