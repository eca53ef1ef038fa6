import Bridge
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("A question that Slack delivers again to another process", .timeLimit(.minutes(5)))
struct RedeliveryScenarios {
    @Test("in an outage the thread of a redelivered question is read until another process shows its first message")
    func firstMessage() async throws {
        try await InProcessBot.run(InProcessBot.Plan()) { bot in
            var other = bot.omni.acceptor.otherProcess
            let identity = try await Installation(api: other.api).identity()
            func question(_ ts: String) throws -> SlackQuestion {
                let event: JSONValue = [
                    "type": "app_mention", "user": "U0ANA", "channel": "C0OPS", "ts": .string(ts),
                    "text": "<@U0OMNI> what is slow?",
                ]
                let payload: JSONValue = ["type": "event_callback", "team_id": "T0ACME", "event": event]
                guard case .question(let question) = DecodedMessage(payload, bot: identity) else {
                    throw BridgeError(.badRequest, "\(ts) is no question")
                }
                return question
            }
            let ts = try bot.emulator.say(as: "ana", in: "#ops", "what is slow?")
            let asked = try question(ts)
            (other.timeout, other.firstMessage) = (.seconds(60), .seconds(60))
            let waiting = other
            async let isThere = waiting.has(asked, isWaiting: true)
            try await bot.until("the thread is read") {
                bot.emulator.traffic.contains { $0.kind == .call && $0.name == "conversations.replies" }
            }
            let id = try #require(asked.newID)
            _ = try await other.api.post(
                SlackMessage(text: ":hourglass_flowing_sand: Another process is at it"), in: "C0OPS", thread: ts,
                metadata: MessageKey(question: id, part: 0).metadata)
            #expect(try await isThere)
            other.firstMessage = .zero
            let later = try bot.emulator.say(as: "ana", in: "#ops", "and now?")
            let unanswered = try question(later)
            #expect(try await !other.has(unanswered, isWaiting: true))
        }
    }
}
