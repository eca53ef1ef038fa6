package import Bridge

/// A thread with a recent question.
package struct ActiveThread: Sendable, Hashable {
    /// The channel's id at the entry point.
    package let channel: String
    /// `questions.thread_key`, in the entry point's format.
    package let threadKey: String
    package let isDirect: Bool

    package init(channel: String, threadKey: String, isDirect: Bool) {
        self.channel = channel
        self.threadKey = threadKey
        self.isDirect = isDirect
    }
}

extension Store {
    /// The threads of one entry point's questions that were received within that time, latest first; at most `limit`.
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

    /// Those of the keys with which a question was accepted.
    package func knownOriginKeys(among keys: [String]) async throws -> Set<String> {
        try await inStore {
            try await $0.read { connection in
                var known: Set<String> = []
                // A PostgreSQL statement has at most 65,535 parameters (a 16-bit count), an SQLite statement 32,766.
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
