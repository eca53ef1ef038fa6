import Bridge
import Testing

@testable import SlackBot

@Suite("What a message means")
struct DecodedMessageTests {
    private let bot = BotIdentity(teamID: "T1", team: "Acme", userID: "UBOT", url: "")

    private func event(_ event: JSONValue) -> DecodedMessage {
        DecodedMessage(["type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event], bot: bot)
    }

    private func question(_ incoming: DecodedMessage) -> SlackQuestion? {
        if case .question(let question) = incoming { question } else { nil }
    }

    @Test("a mention is a question without the mention, in its own thread")
    func mention() throws {
        let found = question(
            event([
                "type": "app_mention", "user": "U1", "text": "<@UBOT> why is &lt;checkout&gt; slow for <@U2|ben>?",
                "ts": "10.1", "channel": "C1",
            ]))
        let question = try #require(found)
        #expect(question.text == "why is <checkout> slow for @ben?")
        #expect(question.originKey == "T1:C1:10.1")
        #expect(question.rootTS == "10.1")
        #expect(question.threadKey == "T1:C1:10.1")
    }

    @Test("a mention in a thread belongs to that thread")
    func threadedMention() throws {
        let found = question(
            event([
                "type": "app_mention", "user": "U1", "text": "<@UBOT> and now?", "ts": "11.1", "thread_ts": "10.1",
                "channel": "C1",
            ]))
        #expect(try #require(found).threadKey == "T1:C1:10.1")
    }

    @Test("a direct message is a question; the message event of a mention is not, as app_mention is")
    func direct() {
        let direct: JSONValue = [
            "type": "message", "channel_type": "im", "user": "U1", "text": "hello", "ts": "1.1", "channel": "D1",
        ]
        #expect(question(event(direct))?.kind == .direct)
        let pair: JSONValue = [
            "type": "message", "channel_type": "channel", "user": "U1", "text": "<@UBOT> hi", "ts": "1.1",
            "channel": "C1",
        ]
        #expect(question(event(pair)) == nil)
    }

    @Test("a forwarded message is somebody else's words: author, channel and text, from blocks when there is no text")
    func forwarded() throws {
        let share: JSONValue = [
            "is_share": true, "author_id": "U2", "author_name": "Ben", "channel_name": "ops", "channel_id": "C2",
            "text": "disk &lt;full&gt; on <https://db.example|db-7>", "ts": "1795341600.000100",
        ]
        let block: JSONValue = ["type": "section", "text": ["type": "mrkdwn", "text": "*P1* db &amp; cache"]]
        let alert: JSONValue = [
            "is_share": true, "author_subname": "Pager", "channel_id": "C3", "text": "",
            "message_blocks": [["message": ["blocks": [block]]]],
        ]
        let link: JSONValue = ["title": "a page", "title_link": "https://a.example"]
        let message: JSONValue = [
            "type": "message", "channel_type": "im", "user": "U1", "text": "", "ts": "1.1", "channel": "D1",
            "attachments": [share, link, alert],
        ]
        let found = try #require(question(event(message)))
        #expect(found.text == UserMessages.forwardedAlone)
        #expect(found.shared.map(\.author) == ["Ben", "Pager"])
        #expect(found.shared.map(\.place) == ["#ops", "C3"])
        #expect(found.shared.map(\.account) == ["U2", nil])
        #expect(found.shared.map(\.text) == ["disk <full> on db-7 (https://db.example)", "*P1* db & cache"])
        var bare = message
        bare["attachments"] = [link]
        #expect(question(event(bare))?.text.isEmpty == true)
        for odd: JSONValue in [.null, "x", [[:]], [["is_share": "yes"]], [["is_share": true]], [.null, 5]] {
            bare["attachments"] = odd
            #expect(question(event(bare))?.shared.isEmpty == true)
        }
    }

    private func unaddressed(_ text: String, _ more: JSONObject = [:]) -> UnaddressedMessage? {
        var message: JSONObject = [
            "type": "message", "channel_type": "group", "user": "U1", "text": .string(text), "ts": "11.000100",
            "thread_ts": "10.1", "channel": "C1",
        ]
        message.merge(more) { $1 }
        if case .unaddressed(let unaddressed) = event(.object(message)) { return unaddressed }
        return nil
    }

    @Test("a message in a thread without a mention may be for Omni")
    func thread() throws {
        let message = try #require(unaddressed("and for &lt;payments&gt;?"))
        #expect(message.mayBeForOmni && message.isTalk)
        #expect(message.question.kind == .followUp)
        #expect(message.question.text == "and for <payments>?")
        #expect(message.question.originKey == "T1:C1:11.000100")
        #expect(message.question.threadKey == "T1:C1:10.1")
    }

    @Test("a message that names the bot, starts a thread or is outside one is not an unaddressed message of a thread")
    func noThread() {
        #expect(unaddressed("<@UBOT> and now?") == nil)
        #expect(unaddressed("see <@UBOT|omni>") == nil)
        #expect(unaddressed("and now?", ["thread_ts": "11.000100"]) == nil)
        #expect(unaddressed("and now?", ["thread_ts": .null]) == nil)
        #expect(unaddressed("and now?", ["bot_id": "B2"]) == nil)
        #expect(unaddressed("and now?", ["subtype": "message_changed"]) == nil)
    }

    @Test(
        "a message that names another user or has an unusual form is conversation, but not for Omni",
        arguments: [
            "<@U2> look", "what does <@U2|ben> say?", "<!here> look", "<!channel|channel> look", "<!subteam^S1|@dba>?",
            "<!everyone>",
        ])
    func others(text: String) throws {
        let message = try #require(unaddressed(text))
        #expect(!message.mayBeForOmni && message.isTalk)
        for (text, subtype) in [("", "file_share"), ("look", "thread_broadcast")] {
            let message = try #require(unaddressed(text, ["subtype": .string(subtype)]))
            #expect(!message.mayBeForOmni && message.isTalk)
        }
    }

    @Test("files are part of a question; without words they are one too, in a direct message and in a thread")
    func files() throws {
        let message: JSONValue = [
            "type": "message", "channel_type": "im", "subtype": "file_share", "user": "U1", "text": "", "ts": "1.1",
            "channel": "D1", "files": [["id": "F1", "name": "a.csv"], ["name": "no id"], ["id": "F2"]],
        ]
        let found = try #require(question(event(message)))
        #expect(found.text == UserMessages.attachedAlone && found.files.map(\.id) == ["F1", "F2"])
        let more: JSONObject = ["subtype": "file_share", "files": [["id": "F3"]]]
        let followUp = try #require(unaddressed("and this one?", more))
        #expect(followUp.mayBeForOmni && followUp.question.files.map(\.id) == ["F3"])
        let alone = try #require(unaddressed(" ", more))
        #expect(alone.mayBeForOmni && alone.question.text == UserMessages.attachedAlone)
        #expect(unaddressed(":+1:", more)?.mayBeForOmni == false)
        let forwarded: JSONObject = ["attachments": [["is_share": true, "text": "down", "files": [["id": "F4"]]]]]
        let shared = try #require(unaddressed("", forwarded))
        #expect(!shared.mayBeForOmni && shared.question.files.map(\.id) == ["F4"])
        #expect(shared.question.files.map(\.author) == ["unknown"])
    }

    @Test(
        "a message of emoji and punctuation alone is neither for Omni nor conversation",
        arguments: [":+1:", ":wave::skin-tone-2: !", "👍🏽", "+1", "…", "?!", "", ":größe_1:", "1️⃣", "🇩🇪 🙏"])
    func reactions(text: String) throws {
        let message = try #require(unaddressed(text))
        #expect(!message.mayBeForOmni && !message.isTalk)
    }

    @Test(
        "words, numbers, channels, dates and links are words in every script",
        arguments: ["なぜ？", "und <#C1|ops>?", "42", "<https://a.example|this>", "ok :+1:", "<!date^1^{date}|today>?"])
    func words(text: String) throws {
        #expect(try #require(unaddressed(text)).mayBeForOmni)
    }

    @Test(
        "an event that asks nothing is ignored",
        arguments: [
            #"{"type":"app_mention","user":"UBOT","text":"x","ts":"1.1","channel":"C1"}"#,
            #"{"type":"message","channel_type":"im","user":"U1","bot_id":"B2","text":"x","ts":"1.1","channel":"D1"}"#,
            #"{"type":"message","channel_type":"im","subtype":"message_changed","ts":"1.1","channel":"D1"}"#,
            #"{"type":"message","channel_type":"im","subtype":"message_deleted","ts":"1.1","channel":"D1"}"#,
            #"{"type":"reaction_added","user":"U1"}"#, #"{"type":"app_mention"}"#, #"{}"#, #"null"#,
        ])
    func ignored(event text: String) throws {
        #expect(question(event(try JSONValue(parsing: text))) == nil)
    }

    @Test("a rate-limit notice without an inner event is ignored")
    func rateLimited() {
        #expect(question(DecodedMessage(["type": "app_rate_limited", "team_id": "T1"], bot: bot)) == nil)
    }
}
