import Analytics
import Bridge

/// Identifies a message by its question and part, in the message's metadata (docs.slack.dev, message metadata), so that
/// it can be found again. Holds no secret: metadata is readable wherever the message is.
struct MessageKey: Sendable, Hashable {
    let question: ULID
    let part: Int

    init(question: ULID, part: Int) { (self.question, self.part) = (question, part) }

    init(_ post: PostRow) { self.init(question: post.question, part: post.searchedPart ?? post.part) }

    /// The key of a message from Slack's history; nil for a message without one. A stream has no metadata before its
    /// end: the ids of its cards begin with the key, see ``StreamCards``.
    init?(of message: JSONValue) {
        let payload = message["metadata"]?["event_payload"]
        guard let key = payload.map(Self.names(in:)) ?? Self.names(ofStream: message) else { return nil }
        (question, part) = key
    }

    /// Slack does not promise the order of a payload's keys, nor whether a number comes back whole.
    private static func names(in payload: JSONValue) -> (ULID, Int)? {
        guard let question = payload["question"]?.string.flatMap({ ULID($0) }),
            let part = payload["part"]?.double.flatMap({ Int(exactly: $0) })
        else { return nil }
        return (question, part)
    }

    private static func names(ofStream message: JSONValue) -> (ULID, Int)? {
        let card = message["blocks"]?.array?.first { $0["type"] == "task_card" }
        guard let id = card?["task_id"]?.string else { return nil }
        let names = id.prefix { $0 != "." }.split(separator: "-", omittingEmptySubsequences: false)
        guard names.count == 2, let question = ULID(String(names[0])), let part = Int(names[1]) else { return nil }
        return (question, part)
    }

    /// The `metadata` argument of `chat.postMessage`.
    var metadata: JSONValue {
        [
            "event_type": "omni_answer",
            "event_payload": ["question": .string(question.text), "part": .int(Int64(part))],
        ]
    }
}
