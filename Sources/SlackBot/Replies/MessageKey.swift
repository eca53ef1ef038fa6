import Analytics
import Bridge

/// Identifies a message by its question and part, in the message's metadata (docs.slack.dev, message metadata), so that
/// it can be found again. Holds no secret: metadata is readable wherever the message is.
struct MessageKey: Sendable, Hashable {
    let question: ULID
    let part: Int

    init(_ post: PostRow) { (question, part) = (post.question, post.part) }

    /// The key of a message from Slack's history; nil for a message without one. Slack does not promise the order of a
    /// payload's keys, nor whether a number comes back whole.
    init?(of message: JSONValue) {
        let payload = message["metadata"]?["event_payload"]
        guard let question = payload?["question"]?.string.flatMap({ ULID($0) }),
            let part = payload?["part"]?.double.flatMap({ Int(exactly: $0) })
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
