package import Bridge
import Foundation

extension Store: ConversationStore {
    /// The results of so many calls are read, the newest.
    private static let mostResults = 32
    /// A stored result that is longer holds images; its text is not worth the reading.
    private static let longestResult = 200_000

    /// Two statements, however long the thread is. While the store is away: what was said in the thread since. See
    /// ``ConversationStore``.
    package func conversation(before question: Question, limit: Int) async throws -> Conversation {
        let body: Work<Conversation> = { connection in
            let rows = try Self.turns(before: question, limit: limit, on: connection)
            let calls = try Self.calls(of: rows.compactMap { $0.text("id") }, on: connection)
            return Conversation(
                turns: rows.reversed().compactMap { row in
                    ConversationTurn(row, calls: row.text("id").flatMap { calls[$0] } ?? [])
                }, total: Int(rows.first?.int("total") ?? 0))
        }
        do {
            // What has ended does not change any more, so the two need no common snapshot.
            return try await inStore { try await $0.autocommit(body) }
        } catch let error as StoreError where error.saysAway && spool != nil {
            // What was said in the thread since the store went away.
            return try await read(of: question.id, body)
        }
    }

    /// Newest first. A person whom Omni turned away without knowing them has no role in the row.
    private static func turns(
        before question: Question, limit: Int, on connection: any SQLConnection
    ) throws -> [SQLRow] {
        // A question that is not stored (yet) has everything before it.
        let sql = """
            SELECT id, asker_email, asker_name, text, answer, state, is_private, count(*) OVER () AS total
            FROM questions
            WHERE thread_key = $1 AND id <> $2
            AND (state = 'answered' AND answer IS NOT NULL
                OR state IN ('refused', 'failed', 'cancelled', 'interrupted') AND asker_role <> '')
            AND (NOT is_private OR asker_email = $3)
            AND questions.asked_at <= coalesce((SELECT mine.asked_at FROM questions AS mine WHERE mine.id = $2),
                questions.asked_at)
            ORDER BY questions.asked_at DESC, questions.id DESC LIMIT $4
            """
        return try connection.query(
            sql,
            [
                .text(question.threadKey), .text(question.id.text), .text(question.asker.email.storable),
                .int(Int64(max(0, limit))),
            ])
    }

    /// By question, in the order in which they ended; of a call that was gone on with after a stop the last word.
    private static func calls(
        of questions: [String], on connection: any SQLConnection
    ) throws -> [String: [ConversationTurn.Call]] {
        guard !questions.isEmpty else { return [:] }
        let places = questions.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let sql = """
            SELECT question_id, kind, call_id, epoch, payload, \(connection.dialect.selected("created_at", .time))
            FROM question_steps
            WHERE question_id IN (\(places)) AND kind = 'tool_result' AND length(payload) <= \(longestResult)
            ORDER BY id DESC LIMIT \(mostResults)
            """
        var calls: [String: [ConversationTurn.Call]] = [:]
        var seen: Set<[String]> = []
        for row in try connection.query(sql, questions.map { .text($0) }) {
            guard let question = row.text("question_id"),
                case .toolResult(let activity, let result) = StoredStep(row)?.step,
                seen.insert([question, activity.id]).inserted
            else { continue }
            let call = ConversationTurn.Call(
                name: activity.name, arguments: activity.arguments, result: result.text, isError: result.isError)
            calls[question, default: []].append(call)
        }
        return calls.mapValues { $0.reversed() }
    }
}

extension ConversationTurn {
    fileprivate init?(_ row: SQLRow, calls: [Call]) {
        let outcome: Outcome
        switch row.text("state").flatMap(QuestionState.init(rawValue:)) {
        case .answered: outcome = .answered(row.text("answer") ?? "")
        case .refused: outcome = .refused
        case .failed: outcome = .failed
        case .cancelled: outcome = .cancelled
        case .interrupted: outcome = .interrupted
        default: return nil
        }
        self.init(
            asker: row.text("asker_email") ?? "", askerName: row.text("asker_name") ?? "",
            text: row.text("text") ?? "", outcome: outcome, isPrivate: row.bool("is_private") ?? false, calls: calls)
    }
}
