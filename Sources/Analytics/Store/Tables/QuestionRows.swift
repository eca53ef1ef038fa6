import Bridge
import Foundation

/// SQL conditions and columns of `questions`.
enum QuestionRows {
    /// Condition: the question is not over. The same text as in the partial index `questions_live`, which it must
    /// match.
    static let live = "(state IN ('received', 'working', 'waiting') OR undelivered)"

    /// Condition: the question may be claimed. It is not over, it does not wait (or its wait is over, or has messages
    /// to be sent), no lease on it runs, and ``isFirst`` holds.
    static func claimable(_ dialect: SQLDialect) -> String {
        """
        (questions.state IN ('received', 'working', 'waiting') OR questions.undelivered)
        AND (questions.state <> 'waiting' OR questions.undelivered OR questions.wait_until < \(dialect.now))
        AND (questions.lease_until IS NULL OR questions.lease_until < \(dialect.now))
        AND \(isFirst)
        """
    }

    /// Condition: no older question of its thread is unfinished or undelivered. One that waits and whose messages are
    /// sent does not block its thread.
    static let isFirst = """
        NOT EXISTS (SELECT 1 FROM questions AS older
            WHERE older.thread_key = questions.thread_key
            AND (older.state IN ('received', 'working', 'waiting') OR older.undelivered)
            AND (older.state <> 'waiting' OR older.undelivered)
            AND (older.asked_at < questions.asked_at
                OR (older.asked_at = questions.asked_at AND older.id < questions.id)))
        """

    /// All columns that ``QuestionRow`` reads.
    static let columns: [(String, ColumnType)] = [
        ("id", .text), ("origin_key", .text), ("team", .text), ("door", .text), ("channel", .text),
        ("channel_name", .text), ("is_direct", .boolean), ("thread_key", .text), ("asker_email", .text),
        ("asker_name", .text), ("asker_role", .text), ("asker_id", .text), ("text", .text), ("kind", .text),
        ("state", .text), ("waiting_for", .text), ("wait_until", .time), ("owner", .text), ("epoch", .integer),
        ("attempts", .integer), ("undelivered", .boolean),
        ("asked_at", .time), ("received_at", .time), ("finished_at", .time), ("deadline", .time), ("answer", .text),
        ("warning", .text), ("is_private", .boolean), ("error_id", .text), ("origin", .json), ("retry_of", .text),
        ("stop", .json),
    ]

    /// ``columns`` as a SELECT list.
    static func selection(_ dialect: SQLDialect) -> String {
        columns.map { dialect.selected($0.0, $0.1) }.joined(separator: ", ")
    }

    /// The columns and values of a new row; the others have defaults.
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
            ("deadline", .time(new.deadline)),
            ("origin", .json(origin(new.origin, new.context, new.question.call))),
            ("retry_of", .text(new.retryOf?.text)), ("owner", .text(new.caller)),
        ]
    }

    /// The column `origin`.
    static func origin(_ ids: QuestionOrigin, _ context: JSONValue, _ call: NamedToolCall?) -> JSONValue {
        var origin: JSONObject = ["ids": ids.json, "context": context]
        if let call {
            origin["call"] = [
                "server": .string(call.tool.server), "tool": .string(call.tool.tool), "arguments": call.arguments,
            ]
        }
        return .object(origin)
    }
}

extension NamedToolCall {
    /// nil if the value holds none.
    init?(_ json: JSONValue?) {
        guard let server = json?["server"]?.string, let tool = json?["tool"]?.string else { return nil }
        self.init(ToolName(server: server, tool: tool), arguments: json?["arguments"] ?? [:])
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
