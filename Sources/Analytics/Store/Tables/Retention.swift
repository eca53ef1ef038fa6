extension Store {
    /// Days for which steps and message bodies are stored after a question's end. The thread history uses them, a
    /// resumption does not.
    static let keptDays = 7

    /// Milliseconds of a day.
    private static let day: Int64 = 86_400_000

    /// Creates the partitions of this month and the next. Deletes the rows of processes without a heartbeat for a day,
    /// and the steps and message bodies of questions that ended a week ago and are delivered. Idempotent, also when
    /// several processes run it at once.
    ///
    /// - Parameter isRepeated: true if this process did it less than a day ago: then only the questions that have
    ///   become old since are looked at. All of them may be some hundred thousand look-ups while writers wait.
    package func applyRetention(isRepeated: Bool = false) async throws {
        try await ensureCurrentPartitions()
        _ = try await database.write { connection in
            let dialect = connection.dialect
            let kept = Self.day * Int64(Self.keptDays)
            try connection.execute("DELETE FROM processes WHERE heartbeat_at < \(dialect.now(plus: -Self.day))", [])
            // A day more than needed, for a question that was delivered late.
            let since = isRepeated ? "AND finished_at >= \(dialect.now(plus: -kept - 2 * Self.day))" : ""
            let ended = """
                (SELECT id FROM questions WHERE finished_at < \(dialect.now(plus: -kept)) \(since) AND NOT undelivered)
                """
            try connection.execute("DELETE FROM question_steps WHERE question_id IN \(ended)", [])
            try connection.execute(
                "UPDATE posts SET body = NULL WHERE body IS NOT NULL AND question_id IN \(ended)", [])
        }
    }
}
