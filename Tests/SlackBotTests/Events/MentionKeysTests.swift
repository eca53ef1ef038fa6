import Bridge
import Testing

@testable import SlackBot

/// `mentions` of slack.yaml: `respond_to_mentions`, `respond_to_dm_without_command`, `dm_default_command`,
/// `respond_to_name` and `name_triggers`.
@Suite("Which messages are questions")
struct MentionKeysTests {
    private let bot = BotIdentity(teamID: "T1", team: "Acme", userID: "UBOT", url: "")

    private func mentions(_ yaml: String) throws -> SlackSettings.Mentions {
        try #require(ConfigFixtures.load(["slack.yaml": "mentions: {\(yaml)}\n"]).settings).slack.mentions
    }

    private func event(
        _ type: String, _ text: String, thread: String? = nil, direct: Bool = false, _ yaml: String
    ) throws -> DecodedMessage {
        var event: JSONObject = [
            "type": .string(type), "user": "U1", "text": .string(text), "ts": "10.100000",
            "channel": direct ? "D1" : "C1", "channel_type": direct ? "im" : "channel",
        ]
        if let thread { event["thread_ts"] = .string(thread) }
        let payload: JSONValue = ["type": "event_callback", "team_id": "T1", "event": .object(event)]
        return DecodedMessage(payload, bot: bot, mentions: try mentions(yaml))
    }

    private func question(_ decoded: DecodedMessage) -> SlackQuestion? {
        if case .question(let question) = decoded { question } else { nil }
    }

    @Test("respond_to_mentions: false ignores mentions, and nothing else")
    func mentionsOff() throws {
        let off = "respond_to_mentions: false"
        #expect(question(try event("app_mention", "<@UBOT> hello", "")) != nil)
        #expect(question(try event("app_mention", "<@UBOT> hello", off)) == nil)
        #expect(question(try event("message", "hello", direct: true, off)) != nil)
    }

    @Test("respond_to_dm_without_command: false ignores direct messages, and nothing else")
    func directOff() throws {
        let off = "respond_to_dm_without_command: false"
        #expect(question(try event("message", "hello", direct: true, "")) != nil)
        #expect(question(try event("message", "hello", direct: true, off)) == nil)
        #expect(question(try event("app_mention", "<@UBOT> hello", off)) != nil)
    }

    @Test("dm_default_command is what a direct message stands for")
    func directCommand() throws {
        #expect(question(try event("message", "hello", direct: true, "dm_default_command: /omni")) != nil)
        for (command, name) in [("/omni-help", SlackCommand.Name.help), ("/omni-status", .status)] {
            let decoded = try event("message", "hello", direct: true, "dm_default_command: \(command)")
            guard case .command(let found) = decoded else {
                Issue.record("\(decoded)")
                continue
            }
            #expect(found.name == name && found.channel == "D1" && found.responseURL == nil)
        }
        #expect(try ConfigFixtures.load(["slack.yaml": "mentions: {dm_default_command: /x}"]).settings == nil)
    }

    @Test(
        "!help, !stop and !retry are commands in direct messages, whatever a direct message stands for",
        arguments: ["respond_to_dm_without_command: false", "dm_default_command: /omni-status"])
    func directThreadCommands(yaml: String) throws {
        for (text, command) in [("!help", ThreadCommand.help(topic: "")), ("!stop", .stop), ("!retry", .retry)] {
            let decoded = try event("message", text, direct: true, yaml)
            guard case .threadCommand(command, let message) = decoded else {
                Issue.record("\(decoded)")
                continue
            }
            #expect(message.kind == .direct)
        }
        // With more words it is a message like others.
        if case .threadCommand = try event("message", "!stop it", direct: true, yaml) { Issue.record("a command") }
    }

    @Test("respond_to_name: a message that begins with one of name_triggers is a question, without the trigger")
    func names() throws {
        let on = "respond_to_name: true, name_triggers: [Bridge, hey bridge]"
        for text in ["bridge what is slow?", "Bridge, what is slow?", "hey BRIDGE: what is slow?"] {
            let found = try #require(question(try event("message", text, on)), "\(text)")
            #expect(found.text == "what is slow?" && found.kind == .mention && found.rootTS == "10.100000")
            #expect(question(try event("message", text, "name_triggers: [bridge]")) == nil)
        }
        #expect(question(try event("message", "hey bridge what is slow?", thread: "9.1", on))?.rootTS == "9.1")
        for text in ["bridges are slow", "the bridge is slow", "bridge-head?", "omni what is slow?", "hey bri"] {
            #expect(question(try event("message", text, on)) == nil, "\(text)")
        }
        // Slack sends the same message as a mention too.
        #expect(question(try event("message", "bridge, ask <@UBOT>", on)) == nil)
    }

    @Test("a message that begins with a name keeps the message that it forwards")
    func nameWithForward() throws {
        let mentions = try mentions("respond_to_name: true")
        for (text, asked) in [("omni, is this bad?", "is this bad?"), ("omni", UserMessages.forwardedAlone)] {
            let event: JSONValue = [
                "type": "message", "user": "U1", "text": .string(text), "ts": "10.100000", "channel": "C1",
                "channel_type": "channel",
                "attachments": [["is_share": true, "author_name": "Ben", "text": "The disk is full."]],
            ]
            let decoded = DecodedMessage(["team_id": "T1", "event": event], bot: bot, mentions: mentions)
            let found = try #require(question(decoded))
            #expect(found.text == asked && found.shared.map(\.text) == ["The disk is full."])
        }
    }

    @Test("a back-fill takes the same messages as questions")
    func backfill() throws {
        let place = BackfillTarget(channel: "C1", isDirect: false)
        let message: JSONValue = ["type": "message", "user": "U1", "text": "omni, what is slow?", "ts": "10.100000"]
        #expect(place.question(message, bot: bot) == nil)
        let on = try mentions("respond_to_name: true")
        #expect(place.question(message, bot: bot, mentions: on)?.text == "what is slow?")
        let mention: JSONValue = ["type": "message", "user": "U1", "text": "<@UBOT> hello", "ts": "10.100000"]
        #expect(place.question(mention, bot: bot) != nil)
        #expect(place.question(mention, bot: bot, mentions: try mentions("respond_to_mentions: false")) == nil)
    }
}
