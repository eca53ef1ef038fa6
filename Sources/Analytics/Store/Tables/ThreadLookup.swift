import Bridge
package import Foundation

extension Store {
    /// The newest question of a thread that was asked before `time`, in any state; nil if there is none. Uses the index
    /// `questions_thread`. Throws at once while the store is unavailable.
    ///
    /// - Parameters:
    ///   - user: the asker's id in the workspace (``QuestionOrigin/userID``); nil: of any asker.
    ///   - limit: after it the call throws `.timeout`. That does not mark the store as unavailable, because the limit may
    ///     be shorter than what a working store needs.
    package func lastQuestion(
        in thread: String, before time: Date, askedBy user: String? = nil, within limit: Duration? = nil
    ) async throws -> QuestionRow? {
        try spool?.check()
        let bounded = limit.map { database.withTimeout($0) } ?? database
        return try await bounded.read { connection in
            var statement = SQLStatement(connection.dialect)
            let asker = user.map { "AND asker_id = \(statement.bind(.text($0)))" } ?? ""
            let sql = """
                SELECT \(QuestionRows.selection(connection.dialect)) FROM questions
                WHERE thread_key = \(statement.bind(.text(thread)))
                AND questions.asked_at < \(statement.bind(.time(time))) \(asker)
                ORDER BY questions.asked_at DESC, questions.id DESC LIMIT 1
                """
            return try connection.query(sql, statement.values).first.flatMap { QuestionRow($0) }
        }
    }

    /// Whether this process works on a question of the thread, or has one of it in the spool. Reads no database.
    package func hasQuestionHere(inThread thread: String) -> Bool {
        spool?.hasQuestions(ofThread: thread) == true
            || heldClaims.withLockedValue { !$0.unended(inThread: thread).isEmpty }
    }
}
