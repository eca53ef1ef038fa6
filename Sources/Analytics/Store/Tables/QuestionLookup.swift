package import Bridge

extension Store {
    /// The question with that id; nil if there is none.
    package func question(_ id: ULID) async throws -> QuestionRow? {
        try await read(of: id) { try Self.question(id, on: $0) }
    }

    /// The question with that id in a given database; nil if there is none.
    static func question(_ id: ULID, on connection: any SQLConnection) throws -> QuestionRow? {
        let sql = "SELECT \(QuestionRows.selection(connection.dialect)) FROM questions WHERE id = $1"
        return try connection.query(sql, [.text(id.text)]).first.flatMap { QuestionRow($0) }
    }

    /// The questions that are not over, oldest first: of one process, or all if `owner` is nil.
    package func unfinished(owner: String? = nil) async throws -> [QuestionRow] {
        try await database.read { connection in
            let sql = """
                SELECT \(QuestionRows.selection(connection.dialect)) FROM questions
                WHERE \(QuestionRows.live) \(owner == nil ? "" : "AND owner = $1")
                ORDER BY questions.asked_at, questions.id
                """
            return try connection.query(sql, owner.map { [.text($0)] } ?? []).compactMap { QuestionRow($0) }
        }
    }

    /// The number of questions in each state that is not the end of a question. Throws at once while the store is
    /// unavailable, and `.timeout` after `limit`.
    package func unendedCounts(within limit: Duration) async throws -> [QuestionState: Int] {
        try spool?.check()
        return try await database.withTimeout(limit).read { connection in
            let sql = """
                SELECT state, count(*) AS number FROM questions
                WHERE \(QuestionRows.live) AND state IN ('received', 'working', 'waiting') GROUP BY state
                """
            return try connection.query(sql, []).reduce(into: [:]) { counts, row in
                guard let state = row.text("state").flatMap(QuestionState.init(rawValue:)) else { return }
                counts[state] = Int(row.int("number") ?? 0)
            }
        }
    }
}
