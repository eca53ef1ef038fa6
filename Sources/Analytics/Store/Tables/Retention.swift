extension Store {
    /// Days for which steps and message bodies are stored after a question's end. The thread history uses them, a
    /// resumption does not.
    static let keptDays = 7

    /// Creates the partitions of this month and the next. Deletes the rows of processes without a heartbeat for a day,
    /// and the steps and message bodies of questions that ended a week ago and are delivered. Idempotent, also when
    /// several processes run it at once.
    package func applyRetention() async throws {
        try await ensureCurrentPartitions()
        _ = try await database.write { connection in
            let dialect = connection.dialect
            let (day, week) = (dialect.now(plus: -86_400_000), dialect.now(plus: -86_400_000 * Int64(Self.keptDays)))
            try connection.execute("DELETE FROM processes WHERE heartbeat_at < \(day)", [])
            let ended = "(SELECT id FROM questions WHERE finished_at < \(week) AND NOT undelivered)"
            try connection.execute("DELETE FROM question_steps WHERE question_id IN \(ended)", [])
            try connection.execute(
                "UPDATE posts SET body = NULL WHERE body IS NOT NULL AND question_id IN \(ended)", [])
        }
    }
}
