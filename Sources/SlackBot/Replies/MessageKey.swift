import Analytics
import Bridge

/// Which part of which question's answer a message is: its metadata in Slack, by which it is found again. It holds no
/// secret; every reader of the message can read it.
struct MessageKey: Sendable, Hashable {
    let question: ULID
    let part: Int

    init(_ post: PostRow) { (question, part) = (post.question, post.part) }

    /// The key of a message as Slack's history gives it; nil for one without. Slack does not promise to return a payload
    /// in the order and with the kind of number in which it was sent.
    init?(of message: JSONValue) {
        let payload = message["metadata"]?["event_payload"]
        guard let question = payload?["question"]?.string.flatMap({ ULID($0) }),
            let part = payload?["part"]?.double.flatMap({ Int(exactly: $0) })
        else { return nil }
        (self.question, self.part) = (question, part)
    }

    var metadata: JSONValue {
        [
            "event_type": "omni_answer",
            "event_payload": ["question": .string(question.text), "part": .int(Int64(part))],
        ]
    }
}
