import Bridge
import Testing

@testable import SlackBot

@Suite("Streams as they are sent to Slack", .timeLimit(.minutes(3)))
struct StreamMethodsTests {
    private static let recipient = StreamRecipient(user: "U1", team: "T1")

    @Test("a stream is started for its recipient, grows by chunks and ends with blocks")
    func requests() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            try await double.script("chat.startStream", [["body": ["ok": true, "channel": "C1", "ts": "2.5"]]])
            let card = TaskCard(
                id: "1", title: String(repeating: "a", count: 300), status: .inProgress, details: "what it does")
            let address = try await api.startStream(in: "C1", thread: "1.5", for: Self.recipient, [.task(card)])
            #expect(address == MessageAddress(channel: "C1", ts: "2.5"))
            try await api.appendStream(address, [.markdown("**word**")])
            try await api.stopStream(address, blocks: [["type": "divider"]])
            let calls = try await double.calls()
            try #require(calls.map(\.method) == ["chat.startStream", "chat.appendStream", "chat.stopStream"])
            let start = calls[0].body
            #expect(start["thread_ts"] == "1.5" && start["recipient_user_id"] == "U1")
            #expect(start["recipient_team_id"] == "T1")
            #expect(start["chunks"]?.array?.first?["status"] == "in_progress")
            #expect(start["chunks"]?.array?.first?["title"]?.string?.utf16.count == 250)
            #expect(calls[1].body["chunks"] == [["type": "markdown_text", "text": "**word**"]])
            #expect(calls[2].body["chunks"] == nil && calls[2].body["blocks"] == [["type": "divider"]])
            #expect(calls[2].body["session_status"] == nil, "Slack's default is active")
            try await api.stopStream(address, session: .suspended)
            #expect(try await double.calls().last?.body["session_status"] == "suspended")
        }
    }

    @Test("a stream is started only while the minute has capacity, and nothing of it is repeated or waits")
    func capacity() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            let reply: JSONValue = ["body": ["ok": true, "channel": "C1", "ts": "2.5"]]
            try await double.script("chat.startStream", Array(repeating: reply, count: 16))
            for _ in 0..<16 { _ = try await api.startStream(in: "C1", thread: "1.5", for: Self.recipient, []) }
            let full = try await slackError {
                _ = try await api.startStream(in: "C1", thread: "1.5", for: Self.recipient, [])
            }
            #expect(full.streamResponse == .busy(.seconds(1)))
            #expect(try await double.calls("chat.startStream").count == 16)
            try await double.script("chat.appendStream", [.slackRateLimit(7)])
            let address = MessageAddress(channel: "C1", ts: "2.5")
            let limited = try await slackError { try await api.appendStream(address, [.markdown("a")]) }
            #expect(limited.streamResponse == .busy(.seconds(7)))
            #expect(try await double.calls("chat.appendStream").count == 1)
        }
    }

    @Test("an error says whether the stream is over, the call may be repeated, or its effect is unknown")
    func errors() {
        func response(_ code: String, _ mayHaveHappened: Bool = false) -> AnswerStream.Response {
            SlackError(code, method: "chat.appendStream", mayHaveHappened: mayHaveHappened).streamResponse
        }
        #expect(response("message_not_in_streaming_state") == .over)
        #expect(response("stopped_by_user") == .stopped)
        #expect(response("message_not_found") == .gone)
        #expect(response("rate_limited") == .busy(.seconds(1)))
        #expect(response("unreachable") == .busy(.seconds(1)))
        #expect(response("unreachable", true) == .unsure)
        #expect(response("internal_error", true) == .unsure)
        for code in ["channel_type_not_supported", "unknown_method", "missing_scope", "invalid_chunks"] {
            #expect(response(code) == .refused)
        }
    }

    @Test("chunks that are stored are read back")
    func stored() {
        let chunks: [StreamChunk] = [
            .markdown("a"), .task(TaskCard(id: "1", title: "b", status: .error, details: "c", output: "d")),
        ]
        #expect(chunks.compactMap { StreamChunk($0.json) } == chunks)
        #expect(StreamChunk(["type": "blocks"]) == nil)
    }
}
