extension Store {
    /// What a question leaves behind is kept for so long after its end: resumption needs none of it, recall some.
    static let keptDays = 7

    /// Makes the partitions of this month and the next, and removes what is of no more use: rows of processes that died
    /// a day ago, steps and message bodies of questions that ended a week ago. Harmless when several processes do it.
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
