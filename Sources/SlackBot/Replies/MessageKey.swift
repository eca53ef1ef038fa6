import Analytics
import Bridge

/// Identifies a message by its question and part, in the message's metadata (docs.slack.dev, message metadata), so that
/// it can be found again. Holds no secret: metadata is readable wherever the message is.
struct MessageKey: Sendable, Hashable {
    let question: ULID
    let part: Int

    init(_ post: PostRow) { (question, part) = (post.question, post.part) }

    /// The key of a message of an answer that is a stream and has no metadata yet: its cards have ids that begin with
    /// it, see ``StreamCards``.
    private init?(ofStream message: JSONValue) {
        guard let id = message["blocks"]?.array?.first(where: { $0["type"] == "task_card" })?["task_id"]?.string else {
            return nil
        }
        let names = id.prefix { $0 != "." }.split(separator: "-", omittingEmptySubsequences: false)
        guard names.count == 2, let question = ULID(String(names[0])), let part = Int(names[1]) else { return nil }
        (self.question, self.part) = (question, part)
    }

    /// The key of a message from Slack's history; nil for a message without one. Slack does not promise the order of a
    /// payload's keys, nor whether a number comes back whole.
    init?(of message: JSONValue) {
        guard let payload = message["metadata"]?["event_payload"] else {
            self.init(ofStream: message)
            return
        }
        guard let question = payload["question"]?.string.flatMap({ ULID($0) }),
            let part = payload["part"]?.double.flatMap({ Int(exactly: $0) })
        else { return nil }
        (self.question, self.part) = (question, part)
    }

    /// The `metadata` argument of `chat.postMessage`.
    var metadata: JSONValue {
        [
            "event_type": "omni_answer",
            "event_payload": ["question": .string(question.text), "part": .int(Int64(part))],
        ]
    }
}
