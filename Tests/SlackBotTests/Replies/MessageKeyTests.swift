import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("Finding a message by its key")
struct MessageKeyTests {
    private let post = PostRow(question: ULID(), part: 2)

    private func message(_ payload: JSONValue) -> JSONValue {
        ["ts": "1.5", "metadata": ["event_type": "omni_answer", "event_payload": payload]]
    }

    @Test("a message is found in all forms in which Slack returns its metadata")
    func shapes() {
        let id = JSONValue.string(post.question.text)
        #expect(MessageKey(of: ["metadata": MessageKey(post).metadata]) == MessageKey(post))
        let payloads: [JSONValue] = [
            ["question": id, "part": 2], ["part": 2, "question": id], ["question": id, "part": 2.0],
            ["part": 2.0, "question": id, "added": true],
        ]
        for payload in payloads { #expect(MessageKey(of: message(payload)) == MessageKey(post), "\(payload)") }
    }

    @Test("messages of others, other parts and non-messages are not matched")
    func others() {
        let id = JSONValue.string(post.question.text)
        let payloads: [JSONValue] = [
            ["question": .string(ULID().text), "part": 2], ["question": id, "part": 1], ["question": id, "part": 2.5],
            ["question": id], ["part": 2], [:], .null,
        ]
        for payload in payloads { #expect(MessageKey(of: message(payload)) != MessageKey(post), "\(payload)") }
        #expect(MessageKey(of: ["ts": "1.5", "text": "hello"]) == nil)
    }
}
