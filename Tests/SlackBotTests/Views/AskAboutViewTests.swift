import Bridge
import Testing

@testable import SlackBot

@Suite("The modal of the message shortcut")
struct AskAboutViewTests {
    private func message(_ text: String, thread: String? = "9.1") throws -> ShortcutMessage {
        var message: JSONObject = ["type": "message", "user": "U2", "ts": "10.1", "text": .string(text)]
        if let thread { message["thread_ts"] = .string(thread) }
        return try #require(
            ShortcutMessage([
                "type": "message_action", "message_ts": "10.1", "message": .object(message),
                "channel": ["id": "C1", "name": "ops"],
            ]))
    }

    @Test("the message goes through the modal and becomes the quote of a question in its thread")
    func question() throws {
        let message = try message("the disk &lt;db-7&gt; is full")
        let view = AskAboutView.modal(message, botName: "Omni")
        let kept = try #require(view["private_metadata"]?.string.flatMap(ShortcutMessage.init(metadata:)))
        #expect(kept == message)
        let question = kept.question("why?", by: "U1", team: "T1", view: "V1")
        #expect(question.kind == .shortcut && question.originKey == "V1" && question.text == "why?")
        #expect(question.about == "10.1" && question.rootTS == "9.1" && question.threadKey == "T1:C1:9.1")
        #expect(question.shared.map(\.text) == ["the disk <db-7> is full"])
        #expect(try self.message("x", thread: nil).question("y", by: "U1", team: "T1", view: "V1").rootTS == "10.1")
    }

    @Test(
        "a long message is cut to what a modal may keep",
        arguments: ["a", "\n", "\"", "ж", "👩‍👩‍👧"])
    func long(sign: String) throws {
        let text = "begins " + String(repeating: sign, count: 40_000) + " ends"
        let view = AskAboutView.modal(try message(text), botName: "The Operations Bot of Acme")
        let metadata = try #require(view["private_metadata"]?.string)
        #expect(metadata.utf16.count <= 3_000)
        let kept = try #require(ShortcutMessage(metadata: metadata))
        #expect(kept.quote.text.hasPrefix("begins") && kept.ts == "10.1")
        #expect((view["title"]?["text"]?.string?.count ?? 0) <= 24)
        #expect((view["blocks"]?[0]?["text"]?["text"]?.string?.utf16.count ?? 3_001) <= 3_000)
    }

    @Test("a question without words is refused at its field; a payload without its fields is no message")
    func refused() throws {
        let blockID = try #require(
            AskAboutView.modal(try message("x"), botName: "Omni")["blocks"]?[1]?["block_id"]?.string)
        let values: JSONValue = ["state": ["values": .object([blockID: ["question": ["value": " \n "]]])]]
        #expect(AskAboutView.question(in: values).isEmpty && AskAboutView.question(in: [:]).isEmpty)
        let payload = AskAboutView.refusal("Why?").payload
        #expect(payload == ["response_action": "errors", "errors": .object([blockID: "Why?"])])
        #expect(ShortcutMessage(["type": "message_action"]) == nil && ShortcutMessage(metadata: "none") == nil)
    }
}
