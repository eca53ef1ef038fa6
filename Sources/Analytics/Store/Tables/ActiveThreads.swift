package import Bridge

/// A thread in which somebody asked lately.
package struct ActiveThread: Sendable, Hashable {
    /// The channel as the door names it.
    package let channel: String
    /// As the door wrote it with the question.
    package let threadKey: String
    package let isDirect: Bool

    package init(channel: String, threadKey: String, isDirect: Bool) {
        self.channel = channel
        self.threadKey = threadKey
        self.isDirect = isDirect
    }
}

extension Store {
    /// The threads of one door's questions that came in within that time, the latest first; at most `limit`.
    package func activeThreads(
        at entryPoint: Place.EntryPoint, within: Duration, limit: Int = 1_000
    ) async throws -> [ActiveThread] {
        try await inStore {
            try await $0.read { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    SELECT channel, thread_key, CASE WHEN is_direct THEN 1 ELSE 0 END AS direct FROM questions
                    WHERE door = \(statement.bind(.text(entryPoint.rawValue))) AND channel IS NOT NULL
                    AND received_at > \(connection.dialect.now(plus: -within.milliseconds))
                    GROUP BY channel, thread_key, is_direct
                    ORDER BY max(received_at) DESC, thread_key LIMIT \(statement.bind(.int(Int64(limit))))
                    """
                return try connection.query(sql, statement.values).compactMap { row in
                    guard let channel = row.text("channel"), let key = row.text("thread_key") else { return nil }
                    return ActiveThread(channel: channel, threadKey: key, isDirect: row.int("direct") == 1)
                }
            }
        }
    }

    /// Those of the keys under which a question was taken in before.
    package func knownOriginKeys(among keys: [String]) async throws -> Set<String> {
        try await inStore {
            try await $0.read { connection in
                var known: Set<String> = []
                // PostgreSQL counts its parameters in 16 bits; SQLite takes 32,766 of them.
                for start in stride(from: 0, to: keys.count, by: 500) {
                    var statement = SQLStatement(connection.dialect)
                    let places = keys[start..<min(start + 500, keys.count)].map { statement.bind(.text($0)) }
                    let sql = "SELECT origin_key FROM questions WHERE origin_key IN (\(places.joined(separator: ", ")))"
                    known.formUnion(try connection.query(sql, statement.values).compactMap { $0.text("origin_key") })
                }
                return known
            }
        }
    }
}
