package import Bridge

extension Store {
    /// Stores the asker and the thread of a question, which are known only after it was accepted, and inserts the posts
    /// that are about to be sent. Returns all posts of the outbox: a row that an earlier claim inserted for the same
    /// part stays unchanged. nil if the claim is superseded.
    package func locate(
        _ claim: Claim, _ question: Question, origin: QuestionOrigin, planning posts: [PostRow] = []
    ) async throws -> [PostRow]? {
        let planned = try await writeClaimed(claim.id) { connection -> [PostRow]? in
            guard try Self.place(claim, question, origin, on: connection) else { return nil }
            for post in posts { try Self.insert(post, claim.epoch, "ON CONFLICT DO NOTHING", on: connection) }
            // Before the first claim the outbox is empty.
            guard claim.epoch > 1 else { return posts.map { $0.planned(under: claim) } }
            return try Self.posts(of: claim.id, on: connection)
        }
        heldClaims.withLockedValue { heldClaims in
            heldClaims.note(question, origin, of: claim.id)
            if let planned { heldClaims.note(planned, of: claim.id) }
        }
        return planned
    }

    /// Stores asker, thread and origin of a question in progress, also of one that waits (or was woken since) and is
    /// delivered. False if the claim is superseded or the question has ended.
    static func place(
        _ claim: Claim, _ question: Question, _ origin: QuestionOrigin, on connection: any SQLConnection
    ) throws -> Bool {
        var statement = SQLStatement(connection.dialect)
        let sql = """
            UPDATE questions SET asker_email = \(statement.bind(.text(question.asker.email))),
                asker_name = \(statement.bind(.text(question.asker.name))),
                asker_role = \(statement.bind(.text(question.asker.role))),
                thread_key = \(statement.bind(.text(question.threadKey))),
                channel_name = \(statement.bind(.text(question.place.channelName))),
                origin = \(statement.bind(.json(QuestionRows.origin(origin, claim.question.context, claim.question.call))))
            WHERE id = \(statement.bind(.text(claim.id.text))) AND epoch = \(statement.bind(.int(claim.epoch)))
            AND owner = \(statement.bind(.text(claim.owner))) AND state IN ('received', 'working', 'waiting')
            """
        return try connection.execute(sql, statement.values) == 1
    }

    /// Records that the parent message of a slash command was sent with that `ts`, and the thread it begins. False if
    /// the claim is superseded.
    package func rooted(_ claim: Claim, _ question: Question, origin: QuestionOrigin, ts: String) async throws -> Bool {
        let done = try await writePosts(of: claim.id) { connection in
            try Self.mark(claim, part: PostRow.parentPart, .sent, ts: ts, error: nil, on: connection)
                && Self.place(claim, question, origin, on: connection)
        }
        heldClaims.withLockedValue { $0.note(question, origin, of: claim.id) }
        return done
    }

    /// Inserts a post that is about to be sent, as ``locate(_:_:origin:planning:)`` does. False if the claim is
    /// superseded.
    package func plan(_ claim: Claim, _ post: PostRow) async throws -> Bool {
        try await writePosts(of: claim.id) { connection in
            let values: [SQLValue] = [.text(claim.id.text), .int(claim.epoch)]
            let sql = "SELECT 1 FROM questions WHERE id = $1 AND epoch = $2"
            guard try !connection.query(sql, values).isEmpty else { return false }
            try Self.insert(post, claim.epoch, "ON CONFLICT DO NOTHING", on: connection)
            return true
        }
    }

    /// Records that a part was sent, with its `ts`. False if the claim is superseded: another process sends the
    /// part, and this message is a duplicate.
    @discardableResult
    package func sent(_ claim: Claim, part: Int, ts: String?) async throws -> Bool {
        try await mark(claim, part: part, .sent, ts: ts, error: nil)
    }

    /// Records an attempt before the part is sent. False if the claim is superseded.
    package func attempt(_ claim: Claim, part: Int) async throws -> Bool {
        try await mark(claim, part: part, .planned, ts: nil, error: nil)
    }

    /// Undoes ``attempt(_:part:)`` if nothing was sent. False if there was no attempt or the claim is superseded.
    @discardableResult
    package func forgetAttempt(_ claim: Claim, part: Int) async throws -> Bool {
        try await writePosts(of: claim.id) { connection in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE posts SET attempts = attempts - 1
                WHERE question_id = \(statement.bind(.text(claim.id.text)))
                AND part = \(statement.bind(.int(Int64(part)))) AND attempts > 0
                AND EXISTS (SELECT 1 FROM questions
                    WHERE id = posts.question_id AND epoch = \(statement.bind(.int(claim.epoch))))
                """
            return try connection.execute(sql, statement.values) == 1
        }
    }

    /// Records that a part was not sent and will not be. False if the claim is superseded.
    @discardableResult
    package func failed(_ claim: Claim, part: Int, error: String) async throws -> Bool {
        try await mark(claim, part: part, .failed, ts: nil, error: error)
    }

    /// Records in one transaction that the last part was sent and that the question is delivered. False if the claim no
    /// longer counts.
    package func delivered(_ claim: Claim, lastPart part: Int, ts: String?) async throws -> Bool {
        let done = try await writeClaimed(claim.id) { connection in
            let event = QuestionStateMachine.Event.delivered(epoch: claim.epoch)
            guard try Self.change(claim.id, by: event, on: connection) != nil else { return false }
            let mark = Self.marking(claim, part: part, .sent, ts: ts, error: nil, connection.dialect)
            try connection.enqueue(mark.sql, mark.values)
            return true
        }
        letGo(claim)
        return done
    }

    /// Replaces the posts from `part` on, which were rejected in their form. False if the claim is superseded.
    ///
    /// - Parameter keepingTS: the first new post edits the message that exists for `part`.
    package func replan(
        _ claim: Claim, from part: Int, _ posts: [PostRow], keepingTS: Bool
    ) async throws -> Bool {
        try await writePosts(of: claim.id) { connection in
            let values: [SQLValue] = [.text(claim.id.text), .int(claim.epoch)]
            let sql = "SELECT 1 FROM questions WHERE id = $1 AND epoch = $2"
            guard try !connection.query(sql, values).isEmpty else { return false }
            try connection.execute(
                "UPDATE posts SET state = 'failed', ts = \(keepingTS ? "ts" : "NULL") WHERE question_id = $1 AND part = $2",
                [.text(claim.id.text), .int(Int64(part))])
            try connection.execute(
                "DELETE FROM posts WHERE question_id = $1 AND part > $2 AND state = 'planned'",
                [.text(claim.id.text), .int(Int64(part))])
            for post in posts { try Self.put(post, epoch: claim.epoch, on: connection) }
            return true
        }
    }

    /// Records that only the asker saw the answer of a question that has ended. False if the claim is superseded.
    package func hide(_ claim: Claim) async throws -> Bool {
        try await writePosts(of: claim.id) { connection in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET is_private = \(statement.bind(.bool(true)))
                WHERE id = \(statement.bind(.text(claim.id.text))) AND epoch = \(statement.bind(.int(claim.epoch)))
                """
            return try connection.execute(sql, statement.values) == 1
        }
    }

    /// The posts of a question in the order of their parts, as in the outbox.
    package func posts(of question: ULID) async throws -> [PostRow] {
        let posts = try await read(of: question, autocommit: true) { try Self.posts(of: question, on: $0) }
        heldClaims.withLockedValue { $0.note(posts, of: question) }
        return posts
    }

    /// The posts of a question in a given database, in the order of their parts.
    static func posts(of question: ULID, on connection: any SQLConnection) throws -> [PostRow] {
        let sql = """
            SELECT question_id, part, key, kind, state, channel, thread_ts, ts, epoch, attempts,
                \(connection.dialect.selected("body", .json)) FROM posts WHERE question_id = $1 ORDER BY part
            """
        return try connection.query(sql, [.text(question.text)]).compactMap { PostRow($0) }
    }

    private func mark(
        _ claim: Claim, part: Int, _ state: PostRow.State, ts: String?, error: String?
    ) async throws -> Bool {
        let done = try await writeClaimed(claim.id, autocommit: true) {
            try Self.mark(claim, part: part, state, ts: ts, error: error, on: $0)
        }
        if done { heldClaims.withLockedValue { $0.mark(claim.id, part: part, state, ts: ts) } }
        return done
    }

    private static func mark(
        _ claim: Claim, part: Int, _ state: PostRow.State, ts: String?, error: String?, on connection: any SQLConnection
    ) throws -> Bool {
        let mark = marking(claim, part: part, state, ts: ts, error: error, connection.dialect)
        return try connection.execute(mark.sql, mark.values) == 1
    }

    private static func marking(
        _ claim: Claim, part: Int, _ state: PostRow.State, ts: String?, error: String?, _ dialect: SQLDialect
    ) -> (sql: String, values: [SQLValue]) {
        var statement = SQLStatement(dialect)
        let now = dialect.now
        let sql = """
            UPDATE posts SET state = \(statement.bind(.text(state.rawValue))),
                ts = coalesce(\(statement.bind(.text(ts))), ts), attempts = attempts + 1,
                error = \(statement.bind(.text(error))), sent_at = \(state == .sent ? now : "sent_at")
            WHERE question_id = \(statement.bind(.text(claim.id.text))) AND part = \(statement.bind(.int(Int64(part))))
            AND EXISTS (SELECT 1 FROM questions
                WHERE id = posts.question_id AND epoch = \(statement.bind(.int(claim.epoch))))
            """
        return (sql, statement.values)
    }

    /// Inserts or replaces the post of a part. A replaced row keeps its `ts`; without one, and unless it had failed,
    /// its state is `unknown`, because the earlier message may have been sent and is this one after an edit. An
    /// ephemeral message is not made by an edit, so that it was not sent.
    static func put(_ post: PostRow, epoch: Int64, on connection: any SQLConnection) throws {
        let tail = """
            ON CONFLICT (question_id, part) DO UPDATE SET kind = excluded.kind, channel = excluded.channel,
                thread_ts = excluded.thread_ts, body = excluded.body, epoch = excluded.epoch, attempts = 0,
                error = NULL,
                state = CASE WHEN posts.ts IS NULL AND posts.state <> 'failed'
                    AND excluded.kind <> '\(PostRow.Kind.ephemeral.rawValue)' THEN 'unknown' ELSE 'planned' END
            """
        try insert(post, epoch, tail, on: connection)
    }

    /// Inserts a post with the epoch and attempts that it has in another database.
    static func copy(_ post: PostRow, on connection: any SQLConnection) throws {
        let fields = fields(post) + [("epoch", .int(post.epoch)), ("attempts", .int(Int64(post.attempts)))]
        try SQLStatement.insert(into: "posts", fields, "ON CONFLICT DO NOTHING", on: connection)
    }

    private static func insert(
        _ post: PostRow, _ epoch: Int64, _ tail: String, on connection: any SQLConnection
    ) throws {
        try SQLStatement.insertLater(
            into: "posts", fields(post) + [("epoch", .int(epoch))], tail, on: connection)
    }

    private static func fields(_ post: PostRow) -> [(String, ColumnValue)] {
        [
            ("question_id", .text(post.question.text)), ("part", .int(Int64(post.part))), ("key", .text(post.key)),
            ("kind", .text(post.kind.rawValue)), ("state", .text(post.state.rawValue)),
            ("channel", .text(post.channel)), ("thread_ts", .text(post.threadTS)), ("ts", .text(post.ts)),
            ("body", .json(post.body)),
        ]
    }
}
