import Bridge
import TestKit
import Testing

@testable import SlackBot

@Suite("The pace of calls to Slack", .timeLimit(.minutes(3)))
struct SlackPacingTests {
    @Test("of seven messages to one channel at once the last two wait for the channel's limit, and all arrive")
    func burst() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            let start = ContinuousClock.now
            let times = try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 0..<7 {
                    group.addTask {
                        var time = Duration.zero
                        _ = try await api.call("chat.postMessage", ["channel": "C1", "text": "a"]) {
                            time = ContinuousClock.now - start
                            return true
                        }
                        return time
                    }
                }
                var times: [Duration] = []
                for try await time in group { times.append(time) }
                return times.sorted()
            }
            #expect(times.count == 7)
            #expect(times[5] >= .seconds(1) && times[6] >= .seconds(2), "\(times)")
            #expect(try await double.calls("chat.postMessage").count == 7)
        }
    }

    @Test("a channel whose limit is used up delays no message to another channel")
    func otherChannel() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            try await double.script("chat.postMessage", [.slackRateLimit(600)])
            let refused = try await slackError {
                _ = try await api.call("chat.postMessage", ["channel": "C1"], maxWait: .zero)
            }
            #expect(refused.retryAfter == Duration.seconds(600))
            _ = try await api.call("chat.postMessage", ["channel": "C2"], maxWait: .zero)
            let held = try await slackError {
                _ = try await api.call("chat.postMessage", ["channel": "C1"], maxWait: .seconds(30))
            }
            #expect(held.isRateLimit)
            let channels = try await double.calls().compactMap { $0.body["channel"]?.string }
            #expect(channels == ["C1", "C2"], "the third was not sent")
        }
    }

    @Test("after a 429 the method waits in every channel as long as Slack asks for, other methods do not")
    func otherMethod() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            try await double.script("chat.update", [.slackRateLimit(600)])
            _ = try await slackError { _ = try await api.call("chat.update", ["channel": "C1"], maxWait: .zero) }
            let held = try await slackError {
                _ = try await api.call("chat.update", ["channel": "C2"], maxWait: .seconds(30))
            }
            #expect(held.retryAfter.map { $0 > .seconds(60) } == true)
            _ = try await api.call("chat.delete", ["channel": "C1"], maxWait: .zero)
            #expect(try await double.calls().map(\.method) == ["chat.update", "chat.delete"])
        }
    }

    @Test(
        "a call that Slack refused for its rate limit is repeated after Retry-After, in either spelling",
        arguments: ["ratelimited", "rate_limited"])
    func retryAfter(code: String) async throws {
        try await SlackAPIDouble.run { double in
            let status: Int64 = code == "ratelimited" ? 429 : 200
            try await double.script(
                "chat.update",
                [["status": .int(status), "retry_after": 1, "body": ["ok": false, "error": .string(code)]]])
            _ = try await double.api().call("chat.update", ["channel": "C1"])
            let times = try await double.calls("chat.update").map(\.time)
            try #require(times.count == 2)
            #expect(times[1] - times[0] >= 1)
        }
    }

    @Test("a call that is cancelled while it waits is not sent, and its turn goes to the next one")
    func cancelled() async throws {
        let limiter = SlackRateLimiter()
        await limiter.hold(method: "chat.postMessage", channel: "C1", for: .seconds(600))
        let latest = ContinuousClock.now + .seconds(600)
        let waiting = Task {
            try await limiter.wait(method: "chat.postMessage", channel: "C1", atMost: .seconds(3_600))
        }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }
        // A turn that stayed reserved would move the next one by a second.
        let now = ContinuousClock.now
        let next = try #require(try await limiter.wait(method: "chat.postMessage", channel: "C1", atMost: .zero))
        #expect(now + next <= latest)
    }

    @Test("a message that is not wanted any more after its wait is not sent")
    func notWanted() async throws {
        try await SlackAPIDouble.run { double in
            let api = double.api()
            await #expect(throws: CancellationError.self) {
                _ = try await api.call("chat.postMessage", ["channel": "C1"]) { false }
            }
            let calls = try await double.calls()
            #expect(calls.isEmpty)
        }
    }
}
