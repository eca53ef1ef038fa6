import Bridge
import Testing

@testable import SlackBot

@Suite("Calls to Slack as they are sent", .timeLimit(.minutes(3)))
struct SlackRequestTests {
    @Test("each method is sent the token that it needs; form arguments arrive as they were given")
    func requests() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            let user = "a&b=c+d ü%41"
            try await double.script("users.info", [["body": ["ok": true, "user": ["id": "U1"]]]])
            try await double.script(
                "apps.connections.open", [["body": ["ok": true, "url": "ws://127.0.0.1:1/link"]]])
            _ = try await api.userInfo(user)
            #expect(try await api.openConnection().revealed == "ws://127.0.0.1:1/link")
            _ = try await api.post(SlackMessage(text: "tea & <b>"), in: "C1", thread: "1.5")
            let calls = try await double.calls()
            try #require(calls.count == 3)
            #expect(calls[0].body["user"]?.string == user)
            #expect(calls[2].body["text"] == "tea & <b>" && calls[2].body["thread_ts"] == "1.5")
            #expect(
                calls.map(\.authorization) == [
                    "Bearer \(SlackAPIDouble.botToken)", "Bearer \(SlackAPIDouble.appToken)",
                    "Bearer \(SlackAPIDouble.botToken)",
                ])
        }
    }

    @Test("no error of a call has a token or a message's text in it")
    func secrets() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            let replies: [JSONValue] = [
                .slackReset, .slackStatus(503), .slackError("invalid_auth"),
                ["body": ["ok": false, "error": "missing_scope", "needed": "chat:write"]], .slackRateLimit(600),
            ]
            for reply in replies {
                try await double.script("chat.delete", [reply])
                let error = try await slackError {
                    _ = try await api.call("chat.delete", ["channel": "C1", "text": "the secret text"], maxWait: .zero)
                }
                for text in ["\(error)", String(reflecting: error)] {
                    for secret in ["xoxb", "xapp", "Bearer", "secret text"] {
                        #expect(!text.contains(secret), "\(text)")
                    }
                }
            }
            #expect(try await double.calls("chat.delete").count == replies.count)
        }
    }
}
