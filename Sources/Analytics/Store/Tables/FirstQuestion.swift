package import Bridge

extension Store {
    /// Whether no question of that asker at the same entry point was stored before this one. Of several that are stored
    /// at once, in several processes too, exactly one is the first. Questions that the retention has deleted do not
    /// count. False for a question that is in the spool.
    ///
    /// - Parameter emails: the asker's e-mail, and what stands for it in a row whose asker is not identified yet.
    package func isFirstQuestion(_ id: ULID, of emails: [String]) async throws -> Bool {
        try await inStore {
            try await $0.read { connection in
                var statement = SQLStatement(connection.dialect)
                let own = statement.bind(.text(id.text))
                let askers = statement.list(emails)
                let sql = """
                    SELECT own.id FROM questions AS own WHERE own.id = \(own) AND NOT EXISTS (
                        SELECT 1 FROM questions AS other
                        WHERE other.asker_email IN (\(askers)) AND other.door = own.door
                        AND (other.received_at, other.id) < (own.received_at, own.id))
                    """
                return try !connection.query(sql, statement.values).isEmpty
            }
        }
    }
}
