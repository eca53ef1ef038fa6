extension Migration {
    /// A question that has ended is not over before its answer was said: it stays in line, so that another process can
    /// say it, and so that its thread keeps its order.
    static let outbox = Migration(version: 2, description: "questions whose answer was not said yet") { connection in
        let no = connection.dialect == .postgres ? "false" : "0"
        try connection.script(
            """
            ALTER TABLE questions ADD COLUMN undelivered boolean NOT NULL DEFAULT \(no);
            DROP INDEX questions_open;
            CREATE INDEX questions_live ON questions (thread_key, asked_at, id)
                WHERE state IN ('received', 'working', 'waiting') OR undelivered;
            """)
    }
}
