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

    @Test("a stream that has not ended is found by its cards")
    func streams() {
        func message(_ card: String) -> JSONValue {
            ["ts": "1.5", "blocks": [["type": "task_card", "task_id": .string(card), "title": "a"]]]
        }
        #expect(MessageKey(of: message("\(post.question)-2.0")) == MessageKey(post))
        #expect(MessageKey(of: message("\(post.question)-2.next")) == MessageKey(post))
        for other in ["\(post.question)-1.0", "\(ULID())-2.0", "2.0", "\(post.question).2"] {
            #expect(MessageKey(of: message(other)) != MessageKey(post))
        }
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
