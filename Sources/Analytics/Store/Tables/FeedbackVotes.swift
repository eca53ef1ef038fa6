package import Bridge

extension Store {
    /// Stores a vote in the place of the user's earlier one, unless that one is later. The comment of an opposite vote
    /// is deleted. Throws ``StoreError``: at once while the store is unavailable, and for a question that it does not
    /// have.
    package func vote(_ feedback: Feedback) async throws {
        let fields: [(String, ColumnValue)] = [
            ("question_id", .text(feedback.question.text)), ("voter", .text(feedback.voter)),
            ("vote", .int(feedback.vote.rawValue)), ("comment", .text(feedback.comment)),
            ("created_at", .time(feedback.at)), ("updated_at", .time(feedback.at)),
        ]
        _ = try await inStore { database in
            try await database.write { connection in
                try SQLStatement.insert(
                    into: "feedback", fields,
                    """
                    ON CONFLICT (question_id, voter) DO UPDATE SET vote = excluded.vote, updated_at = excluded.updated_at,
                        comment = coalesce(excluded.comment,
                            CASE WHEN feedback.vote = excluded.vote THEN feedback.comment END)
                    WHERE feedback.updated_at <= excluded.updated_at
                    """, on: connection)
            }
        }
    }

    /// Adds a comment to the user's negative vote, in the place of an earlier one. False if there is no such vote.
    /// Throws ``StoreError``.
    package func comment(_ comment: String, on question: ULID, by voter: String) async throws -> Bool {
        try await inStore { database in
            try await database.write { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    UPDATE feedback SET comment = \(statement.bind(.text(comment)))
                    WHERE question_id = \(statement.bind(.text(question.text)))
                    AND voter = \(statement.bind(.text(voter))) AND vote = -1
                    """
                return try connection.execute(sql, statement.values) == 1
            }
        }
    }

    /// The votes on a question's answer, by voter. Throws ``StoreError``.
    package func feedback(on question: ULID) async throws -> [Feedback] { try await feedback(on: [question]) }

    /// The votes on the answers of at most some hundred questions, by voter. Throws ``StoreError``.
    package func feedback(on questions: [ULID]) async throws -> [Feedback] {
        try await inStore { database in
            try await database.read { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    SELECT question_id, voter, vote, comment, \(connection.dialect.selected("updated_at", .time))
                    FROM feedback WHERE question_id IN (\(statement.list(questions.map(\.text)))) ORDER BY voter
                    """
                return try connection.query(sql, statement.values).compactMap { Feedback($0) }
            }
        }
    }
}

extension Feedback {
    fileprivate init?(_ row: SQLRow) {
        guard let question = row.ulid("question_id"), let voter = row.text("voter"),
            let vote = row.int("vote").flatMap(Vote.init(rawValue:)),
            let at = row.time("updated_at")
        else { return nil }
        self.init(question: question, voter: voter, vote: vote, at: at, comment: row.text("comment"))
    }
}
