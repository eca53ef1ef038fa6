import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("The key by which a message is found again")
struct OutboxKeyTests {
    private func message(_ payload: JSONValue) -> JSONValue { ["metadata": ["event_payload": payload]] }

    @Test("whatever order and kind of number Slack gives it back in, the message is found and not sent again")
    func orders() {
        let post = PostRow(question: ULID(), part: 1, kind: .answer, channel: "C1", threadTS: "1.0")
        let id = JSONValue.string(post.question.text)
        #expect(Outbox.isKeyed(message(["question": id, "part": 1]), as: post))
        #expect(Outbox.isKeyed(message(["part": 1, "question": id]), as: post))
        #expect(Outbox.isKeyed(message(["part": 1.0, "question": id, "more": "x"]), as: post))
        #expect(!Outbox.isKeyed(message(["question": id, "part": 2]), as: post))
        #expect(!Outbox.isKeyed(message(["question": .string(ULID().text), "part": 1]), as: post))
        #expect(!Outbox.isKeyed(["text": "no metadata"], as: post))
    }
}
