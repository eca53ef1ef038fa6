import Bridge
import Testing

@testable import SlackBot

@Suite("What a slash command means")
struct SlackCommandTests {
    private func command(_ name: String, _ text: String, channelName: String = "ops") -> SlackCommand? {
        SlackCommand([
            "command": .string(name), "text": .string(text), "team_id": "T1", "user_id": "U1", "channel_id": "C1",
            "channel_name": .string(channelName), "trigger_id": "1.2.x",
            "response_url": "https://hooks.slack.com/commands/1",
        ])
    }

    @Test("/omni with words is a question; alone, with help, and under another name it is none")
    func question() throws {
        let question = try #require(command("/omni", " what is <https://a.example|this>? ")?.question)
        #expect(question.text == "what is this (https://a.example)?")
        #expect(question.originKey == "1.2.x" && question.kind == .command)
        #expect(question.rootTS == nil)
        for (name, text) in [("/omni", "  "), ("/omni", "help"), ("/omni-status", "why?")] {
            let found = try #require(command(name, text))
            #expect(found.question == nil && found.name.rawValue == name)
        }
        #expect(command("/other", "x") == nil)
    }

    @Test("an administrator's mention of a user is the user's id; elsewhere it is the name")
    func mentions() {
        #expect(command("/omni-admin", "disable-user <@U2|ben>")?.text == "disable-user @U2")
        #expect(command("/omni", "who is <@U2|ben>?")?.text == "who is @ben?")
    }

    @Test("/omni-tool is a question with its call")
    func call() throws {
        let call = NamedToolCall(ToolName(server: "ops", tool: "find"), arguments: ["limit": 5])
        let question = try #require(command("/omni-tool", "ops find limit=5")).question(calling: call)
        #expect(question.kind == .command && question.text == "ops find limit=5" && question.call == call)
    }

    @Test("a command without one of its fields is none")
    func incomplete() {
        let whole: JSONObject = [
            "command": "/omni", "team_id": "T1", "user_id": "U1", "channel_id": "C1", "trigger_id": "1.2.x",
            "response_url": "https://hooks.slack.com/commands/1",
        ]
        #expect(SlackCommand(.object(whole))?.text.isEmpty == true)
        for key in ["command", "team_id", "user_id", "channel_id", "trigger_id", "response_url"] {
            var part = whole
            part[key] = 5
            #expect(SlackCommand(.object(part)) == nil, "\(key)")
        }
    }

    @Test(
        "Slack's placeholder for a private channel's name is not a name, so that it cannot evade rules by name",
        arguments: [("ops", "ops"), ("privategroup", nil), ("directmessage", nil)] as [(String, String?)])
    func channelName(sent: String, name: String?) throws {
        let found = try #require(command("/omni", "what is this?", channelName: sent))
        #expect(found.channelName == name)
        let question = try #require(found.question)
        #expect(question.channelName == name)
    }
}
