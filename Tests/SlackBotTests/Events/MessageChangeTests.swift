import Bridge
import Testing

@testable import SlackBot

@Suite("The edit or deletion of a message")
struct MessageChangeTests {
    private let bot = BotIdentity(teamID: "T1", team: "Acme", userID: "UBOT", url: "")

    private func change(_ event: JSONValue, names: [String] = []) -> MessageChange? {
        var mentions = SlackSettings.Mentions()
        if !names.isEmpty { (mentions.respondsToName, mentions.nameTriggers) = (true, names) }
        var event = event
        for (key, value) in ["type": "message", "channel": "C1", "ts": "20.000001"] where event[key] == nil {
            event[key] = .string(value)
        }
        let found = DecodedMessage(["team_id": "T1", "event": event], bot: bot, mentions: mentions)
        if case .changed(let change) = found { return change }
        return nil
    }

    private func edited(_ text: String, from before: String = "<@UBOT> a?", names: [String] = []) -> MessageChange? {
        func message(_ text: String) -> JSONValue {
            ["type": "message", "user": "U1", "ts": "10.000001", "thread_ts": "9.000001", "text": .string(text)]
        }
        let event: JSONValue = [
            "subtype": "message_changed", "hidden": true, "message": message(text), "previous_message": message(before),
        ]
        return change(event, names: names)
    }

    @Test("an edit has the new question and the thread of its message")
    func edit() throws {
        let found = try #require(edited("<@UBOT> b &amp; c?"))
        #expect(found.text == "b & c?" && found.user == "U1" && found.ts == "10.000001")
        #expect(found.threadKey == "T1:C1:9.000001" && found.key == "T1:C1:10.000001:changed:20.000001")
        #expect(edited("Omni, b?", from: "omni a?", names: ["omni"])?.text == "b?")
        #expect(edited("omni b?", from: "omni a?")?.text == "omni b?")
    }

    @Test("an edit that leaves no question counts as a deletion", arguments: ["<@UBOT>", " ", "<@UBOT> !stop"])
    func withoutWords(text: String) throws {
        let found = try #require(edited(text))
        #expect(found.text == nil)
    }

    @Test("a deleted message, and the tombstone of a thread's root")
    func deletion() throws {
        let before: JSONValue = ["type": "message", "user": "U1", "ts": "10.000001", "text": "<@UBOT> a?"]
        let deleted = try #require(
            change(["subtype": "message_deleted", "deleted_ts": "10.000001", "previous_message": before]))
        #expect(deleted.text == nil && deleted.ts == "10.000001" && deleted.threadKey == "T1:C1:10.000001")
        var root = before
        root["thread_ts"] = "10.000001"
        let tombstone: JSONValue = [
            "subtype": "tombstone", "user": "USLACKBOT", "ts": "10.000001", "text": "This message was deleted.",
        ]
        let found = try #require(
            change(["subtype": "message_changed", "message": tombstone, "previous_message": root]))
        #expect(found.text == nil && found.user == "U1" && found.threadKey == "T1:C1:10.000001")
    }

    @Test("the preview of a link, messages of bots and incomplete events are no change")
    func others() {
        #expect(edited("<@UBOT> a?") == nil)
        for author: JSONValue in [["user": "UBOT"], ["user": "U1", "bot_id": "B2"], [:]] {
            var message = author
            (message["ts"], message["text"]) = ("10.000001", "b")
            #expect(
                change(["subtype": "message_changed", "message": message, "previous_message": ["text": "a"]]) == nil)
        }
        #expect(change(["subtype": "message_deleted", "deleted_ts": "10.000001"]) == nil)
        #expect(change(["subtype": "message_changed", "previous_message": ["user": "U1", "ts": "1.1"]]) == nil)
    }
}
