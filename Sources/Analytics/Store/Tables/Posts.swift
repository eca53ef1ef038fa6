package import Bridge

extension Record {
    /// Writes down a message before it is sent. Planning the same part again changes nothing. Throws ``StoreError``
    /// `.superseded` when this process no longer holds the question.
    package func plan(_ post: PostRow) async throws {
        let epoch = claims.withLockedValue { $0[post.question] }
        try await database.write { connection in
            var statement = SQLStatement(connection.dialect)
            let condition = epoch.map { "AND epoch = \(statement.bind(.int($0)))" } ?? ""
            let sql = "SELECT epoch FROM questions WHERE id = \(statement.bind(.text(post.question.text))) \(condition)"
            guard let current = try connection.query(sql, statement.values).first?.int("epoch") else {
                throw StoreError(.superseded, "the question \(post.question) belongs to another process now")
            }
            try Self.insert(post, epoch: current, on: connection)
        }
    }

    /// Notes that a part was sent and the id it got. False when no such part was planned.
    @discardableResult
    package func sent(_ question: ULID, part: Int, ts: String) async throws -> Bool {
        try await database.write { connection in
            let sql = """
                UPDATE posts SET state = 'sent', ts = $1, sent_at = \(connection.dialect.now)
                WHERE question_id = $2 AND part = $3
                """
            return try connection.execute(sql, [.text(ts), .text(question.text), .int(Int64(part))]) == 1
        }
    }

    /// The posts of a question in the order of their parts.
    package func posts(of question: ULID) async throws -> [PostRow] {
        try await database.read { connection in
            let sql = """
                SELECT question_id, part, key, kind, state, channel, thread_ts, ts,
                    \(connection.dialect.selected("body", .json)) FROM posts WHERE question_id = $1 ORDER BY part
                """
            return try connection.query(sql, [.text(question.text)]).compactMap { PostRow($0) }
        }
    }

    static func insert(_ post: PostRow, epoch: Int64, on connection: any SQLConnection) throws {
        try SQLStatement.insert(
            into: "posts",
            [
                ("question_id", .text(post.question.text)), ("part", .int(Int64(post.part))), ("key", .text(post.key)),
                ("kind", .text(post.kind.rawValue)), ("state", .text(post.state.rawValue)),
                ("channel", .text(post.channel)), ("thread_ts", .text(post.threadTS)), ("ts", .text(post.ts)),
                ("body", .json(post.body)), ("epoch", .int(epoch)),
            ], "ON CONFLICT DO NOTHING", on: connection)
    }
}
