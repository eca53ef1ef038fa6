import Bridge
import Foundation

/// How rows of `questions` are written and read.
enum QuestionRows {
    /// True for a question that is not over, as the partial index `questions_live` spells it.
    static let live = "(state IN ('received', 'working', 'waiting') OR undelivered)"

    /// True for a question that may be claimed now: nobody holds a lease on it, and no older question of its thread
    /// is under way or waits to be said. One that waits for approval does not hold up its thread (decisions, section 1).
    static func claimable(_ dialect: SQLDialect) -> String {
        """
        (questions.state IN ('received', 'working', 'waiting') OR questions.undelivered)
        AND (questions.lease_until IS NULL OR questions.lease_until < \(dialect.now))
        AND \(isFirst)
        """
    }

    /// True for a question that no older one of its thread holds up.
    static let isFirst = """
        NOT EXISTS (SELECT 1 FROM questions AS older
            WHERE older.thread_key = questions.thread_key
            AND (older.state IN ('received', 'working', 'waiting') OR older.undelivered)
            AND NOT (older.state = 'waiting' AND coalesce(older.waiting_for, '') = 'approval')
            AND (older.asked_at < questions.asked_at
                OR (older.asked_at = questions.asked_at AND older.id < questions.id)))
        """

    static let columns: [(String, ColumnType)] = [
        ("id", .text), ("origin_key", .text), ("team", .text), ("door", .text), ("channel", .text),
        ("channel_name", .text), ("is_direct", .boolean), ("thread_key", .text), ("asker_email", .text),
        ("asker_name", .text), ("asker_role", .text), ("asker_id", .text), ("text", .text), ("kind", .text),
        ("state", .text), ("waiting_for", .text), ("owner", .text), ("epoch", .integer), ("attempts", .integer),
        ("undelivered", .boolean),
        ("asked_at", .time), ("received_at", .time), ("finished_at", .time), ("deadline", .time), ("answer", .text),
        ("warning", .text), ("is_private", .boolean), ("error_id", .text), ("origin", .json), ("retry_of", .text),
    ]

    static func selection(_ dialect: SQLDialect) -> String {
        columns.map { dialect.selected($0.0, $0.1) }.joined(separator: ", ")
    }

    static func fields(_ new: NewQuestion) -> [(String, ColumnValue)] {
        let question = new.question
        return [
            ("id", .text(question.id.text)), ("origin_key", .text(new.originKey)), ("team", .text(new.origin.team)),
            ("door", .text(question.place.entryPoint.rawValue)), ("channel", .text(question.place.channel)),
            ("channel_name", .text(question.place.channelName)), ("is_direct", .bool(question.place.isDirect)),
            ("thread_key", .text(question.threadKey)), ("asker_email", .text(question.asker.email)),
            ("asker_name", .text(question.asker.name)), ("asker_role", .text(question.asker.role)),
            ("asker_id", .text(new.origin.userID)), ("text", .text(question.text)),
            ("kind", .text(question.kind.rawValue)), ("asked_at", .time(question.askedAt)),
            ("deadline", .time(new.deadline)), ("origin", .json(["ids": new.origin.json, "context": new.context])),
            ("retry_of", .text(new.retryOf?.text)), ("owner", .text(new.caller)),
        ]
    }
}

extension QuestionOrigin {
    private static let keys: [(String, any WritableKeyPath<QuestionOrigin, String?> & Sendable)] = [
        ("team", \.team), ("channel", \.channel), ("user", \.userID), ("message", \.messageTS),
        ("thread", \.threadTS), ("address", \.address), ("agent", \.userAgent),
    ]

    var json: JSONValue {
        var object = JSONObject()
        for (key, path) in Self.keys { object[key] = self[keyPath: path].map(JSONValue.string) }
        return .object(object)
    }

    init(_ json: JSONValue) {
        self.init()
        for (key, path) in Self.keys { self[keyPath: path] = json[key]?.string }
    }
}
