import Bridge
import Testing

@testable import SlackBot

@Suite("Commands in threads")
struct ThreadCommandTests {
    private func decoded(
        _ type: String, _ text: String, channel: String = "C1", thread: String? = "9.000001"
    ) -> (command: ThreadCommand, message: SlackQuestion)? {
        let bot = BotIdentity(teamID: "T1", team: "Acme", userID: "UBOT", url: "")
        var event: JSONObject = [
            "type": .string(type), "user": "U1", "text": .string(text), "ts": "10.100000",
            "channel": .string(channel), "channel_type": channel == "D1" ? "im" : "channel",
        ]
        if let thread { event["thread_ts"] = .string(thread) }
        let found = DecodedMessage(["team_id": "T1", "event": .object(event)], bot: bot)
        if case .threadCommand(let command, let message) = found { return (command, message) }
        return nil
    }

    @Test("!help is a command in a thread, behind a mention and in a direct message, with its topic")
    func help() throws {
        let inThread = try #require(decoded("message", "!help"))
        #expect(inThread.command == .help(topic: "") && inThread.message.kind == .followUp)
        #expect(decoded("app_mention", "<@UBOT> !Help  tools ")?.command == .help(topic: "tools"))
        #expect(decoded("message", "!help limits", channel: "D1", thread: nil)?.command == .help(topic: "limits"))
    }

    @Test(
        "!retry and !stop are commands alone; with more words they are messages like others",
        arguments: [("retry", ThreadCommand.retry), ("stop", .stop)])
    func alone(word: String, command: ThreadCommand) {
        for text in ["!\(word)", " !\(word.uppercased()) ", "<@UBOT> !\(word)"] {
            let type = text.contains("@") ? "app_mention" : "message"
            #expect(decoded(type, text)?.command == command, "\(text)")
        }
        #expect(decoded("message", "!\(word)", channel: "D1", thread: nil)?.command == command)
        for text in ["!\(word) with more detail", "!\(word)ing", "please !\(word)"] {
            #expect(decoded("message", text) == nil, "\(text)")
        }
    }

    @Test("a message that only mentions !help, or is outside of a thread, is none")
    func others() {
        #expect(decoded("message", "what does !help do?") == nil)
        #expect(decoded("message", "!helpful") == nil)
        #expect(decoded("message", "!help", thread: nil) == nil)
    }
}
