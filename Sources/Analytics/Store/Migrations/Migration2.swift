extension Migration {
    /// Adds `questions.undelivered`: a question that has ended is over only when its messages are sent. Until then
    /// another process can claim it to send them, and it blocks its thread.
    static let outbox = Migration(version: 2, description: "questions whose answer was not said yet") { dialect in
        let no = dialect == .postgres ? "false" : "0"
        return [
            """
            ALTER TABLE questions ADD COLUMN undelivered boolean NOT NULL DEFAULT \(no);
            DROP INDEX questions_open;
            CREATE INDEX questions_live ON questions (thread_key, asked_at, id)
                WHERE state IN ('received', 'working', 'waiting') OR undelivered;
            """
        ]
    }
}
