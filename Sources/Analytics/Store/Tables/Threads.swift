import Bridge
package import Foundation

extension Record {
    /// The newest question of a thread that was asked before that time, whatever became of it; nil when there is none.
    /// The index `questions_thread` leads to it.
    package func lastQuestion(in thread: String, before time: Date) async throws -> QuestionRow? {
        try await database.read { connection in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                SELECT \(QuestionRows.selection(connection.dialect)) FROM questions
                WHERE thread_key = \(statement.bind(.text(thread)))
                AND questions.asked_at < \(statement.bind(.time(time)))
                ORDER BY questions.asked_at DESC, questions.id DESC LIMIT 1
                """
            return try connection.query(sql, statement.values).first.flatMap { QuestionRow($0) }
        }
    }
}
