package import Bridge
import Foundation

extension Record: ConversationStore {
    /// What was answered in the thread before, without private answers. See ``ConversationStore``.
    package func earlierTurns(
        thread: String, before question: ULID, limit: Int
    ) async throws -> [ConversationTurn] {
        try await database.read { connection in
            let dialect = connection.dialect
            // A question that is not stored (yet) has everything before it.
            let sql = """
                SELECT id, asker_email, asker_name, text, answer, \(dialect.selected("asked_at", .time))
                FROM questions
                WHERE thread_key = $1 AND id <> $2 AND state = 'answered' AND answer IS NOT NULL
                AND is_private = \(dialect == .postgres ? "false" : "0")
                AND questions.asked_at <= coalesce((SELECT mine.asked_at FROM questions AS mine WHERE mine.id = $2),
                    questions.asked_at)
                ORDER BY questions.asked_at DESC, questions.id DESC LIMIT $3
                """
            let rows = try connection.query(sql, [.text(thread), .text(question.text), .int(Int64(max(0, limit)))])
            return rows.reversed().compactMap { row in
                guard let id = row.ulid("id"), let askedAt = row.time("asked_at") else { return nil }
                return ConversationTurn(
                    question: id, asker: row.text("asker_email") ?? "", askerName: row.text("asker_name") ?? "",
                    text: row.text("text") ?? "", answer: row.text("answer") ?? "", askedAt: askedAt)
            }
        }
    }
}
