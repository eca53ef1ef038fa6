import Bridge
import TestKit
import Testing

@testable import SlackBot

@Suite("Repetition of calls to Slack", .timeLimit(.minutes(3)))
struct SlackRepetitionTests {
    /// Responses after which nobody knows whether Slack carried out the call.
    private static let unsure: [JSONValue] = [
        .slackReset, .slackStatus(503), .slackStatus(200), .slackError("fatal_error"), .slackError("internal_error"),
    ]

    @Test("a message whose outcome is unknown is not sent again", arguments: unsure)
    func unknownPost(reply: JSONValue) async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            try await double.script("chat.postMessage", [reply])
            let error = try await slackError {
                _ = try await api.post(SlackMessage(text: "a"), in: "C1", thread: nil)
            }
            #expect(error.mayHaveHappened)
            #expect(try await double.calls("chat.postMessage").count == 1)
        }
    }

    @Test("a message is not sent again when its connection, used for a call before, ends without a response")
    func usedConnection() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            try await double.script("chat.postMessage", [.slackReset])
            _ = try await api.authTest()
            let error = try await slackError {
                _ = try await api.post(SlackMessage(text: "a"), in: "C1", thread: nil)
            }
            #expect(error.mayHaveHappened)
            let calls = try await double.calls()
            #expect(calls.map(\.method) == ["auth.test", "chat.postMessage"])
            #expect(Set(calls.map(\.connection)).count == 1, "the connection was to be used twice")
        }
    }

    @Test("a call that may be repeated is sent three times at most when its outcome is unknown", arguments: unsure)
    func unknownUpdate(reply: JSONValue) async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            let address = MessageAddress(channel: "C1", ts: "1.5")
            try await double.script("chat.update", [reply, reply])
            try await api.update(address, to: SlackMessage(text: "a"))
            #expect(try await double.calls("chat.update").count == 3, "the third succeeds")
            try await double.script("users.info", Array(repeating: reply, count: 4))
            let error = try await slackError { _ = try await api.userInfo("U1") }
            #expect(error.mayHaveHappened)
            #expect(try await double.calls("users.info").count == 3)
        }
    }

    @Test(
        "an error that Slack names is thrown at once", arguments: ["invalid_blocks", "user_not_found", "invalid_auth"])
    func refusals(code: String) async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            try await double.script("users.info", [.slackError(code)])
            let error = try await slackError { _ = try await api.userInfo("U1") }
            #expect(error.code == code && !error.mayHaveHappened)
            #expect(try await double.calls().count == 1)
        }
    }

    @Test("a call that Slack goes on to rate-limit is made five times, or once when the caller repeats it")
    func limited() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            try await double.script("users.info", Array(repeating: .slackRateLimit(nil), count: 6))
            let error = try await slackError { _ = try await api.userInfo("U1") }
            #expect(error.isRateLimit && !error.mayHaveHappened)
            #expect(try await double.calls("users.info").count == 5)
            try await double.script("chat.postEphemeral", [.slackRateLimit(nil)])
            _ = try await slackError {
                try await api.postEphemeral(
                    SlackMessage(text: "a"), in: "C1", to: "U1", thread: nil, isRepeated: false)
            }
            #expect(try await double.calls("chat.postEphemeral").count == 1)
        }
    }

    @Test("a call that could not reach Slack is repeated, and its error says that nothing happened")
    func unreachable() async throws {
        let refused = try RefusedPort()
        defer { refused.release() }
        try await SlackAPIDouble.run { double in
            let api = SlackAPI(
                baseURL: "http://127.0.0.1:\(refused.number)/api", botToken: Secret(SlackAPIDouble.botToken),
                appToken: Secret(SlackAPIDouble.appToken), http: double.http, backoff: .milliseconds(10),
                logger: SlackAPIDouble.logger)
            let start = ContinuousClock.now
            let error = try await slackError {
                _ = try await api.post(SlackMessage(text: "a"), in: "C1", thread: nil)
            }
            #expect(error.code == "unreachable" && !error.mayHaveHappened)
            // Four waits, each twice as long as the one before.
            #expect(ContinuousClock.now - start >= .milliseconds(10 + 20 + 40 + 80))
        }
    }

    @Test("a response_url is never repeated when its outcome is unknown, gets no token, and only a trusted one is used")
    func responseURL() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            try await double.script(
                "response_url", [.slackStatus(500), ["status": 404, "body": ["ok": false, "error": "used_url"]]])
            let broken = try await slackError { try await api.respond(to: double.hook, ["text": "a"]) }
            #expect(broken.code == "http_500" && broken.mayHaveHappened)
            let used = try await slackError { try await api.respond(to: double.hook, ["text": "a"]) }
            #expect(used.code == "used_url" && !used.mayHaveHappened)
            let calls = try await double.calls("response_url")
            #expect(calls.count == 2)
            #expect(calls.allSatisfy { $0.authorization == nil })
            let other = try await slackError { try await api.respond(to: "https://hooks.slack.example/1", [:]) }
            #expect(other.code == "untrusted_url")
        }
    }
}
