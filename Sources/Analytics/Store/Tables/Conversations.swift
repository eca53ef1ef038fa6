package import Bridge
import Foundation

extension Store: ConversationStore {
    /// Limit of the number of tool results that are read, newest first.
    private static let mostResults = 32
    /// Limit of a stored result in characters. Longer ones contain images, of which the thread history uses no text.
    private static let longestResult = 200_000

    /// The earlier turns of the question's thread, in two statements. See ``ConversationStore``. While the store is
    /// unavailable: the turns in the spool.
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
            // Ended questions do not change, so the two statements need no common snapshot.
            return try await inStore { try await $0.autocommit(body) }
        } catch let error as StoreError where error.saysAway && spool != nil {
            // The spool has the turns since the store became unavailable.
            return try await read(of: question.id, body)
        }
    }

    /// Rows of the thread's ended questions, newest first. An ended question without an answer and without the asker's
    /// role came from a user whom Omni refused unidentified; it is left out. So are those that the question repeats.
    private static func turns(
        before question: Question, limit: Int, on connection: any SQLConnection
    ) throws -> [SQLRow] {
        // For a question that is not stored all others count as earlier.
        let sql = """
            WITH RECURSIVE repeated (id) AS (
                SELECT retry_of FROM questions WHERE id = $2 AND retry_of IS NOT NULL
                UNION SELECT questions.retry_of FROM questions JOIN repeated ON questions.id = repeated.id
                WHERE questions.retry_of IS NOT NULL
            )
            SELECT id, asker_email, asker_name, text, answer, state, is_private, count(*) OVER () AS total,
                \(connection.dialect.selected("asked_at", .time)), \(connection.dialect.selected("origin", .json))
            FROM questions
            WHERE thread_key = $1 AND id <> $2 AND id NOT IN (SELECT repeated.id FROM repeated)
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

    /// Tool calls by question, in the order in which they ended. A call that was repeated after an interruption appears
    /// once, with its last result.
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
                name: activity.name, arguments: activity.arguments, result: result.fullText, isError: result.isError)
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
        let context = row.json("origin")?["context"]
        self.init(
            asker: row.text("asker_email") ?? "", askerName: row.text("asker_name") ?? "",
            text: row.text("text") ?? "", outcome: outcome, isPrivate: row.bool("is_private") ?? false, calls: calls,
            quotes: context?["shared"]?.array?.compactMap { QuotedMessage($0) } ?? [])
        askedAt = row.time("asked_at") ?? .distantPast
        files = context?["files"]?.array ?? []
    }
}
