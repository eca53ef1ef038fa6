import Testing

@testable import SlackBot

@Suite("The limiter of calls to Slack", .timeLimit(.minutes(1)))
struct SlackRateLimiterTests {
    @Test(
        "a call that may not wait is sent when capacity is free", arguments: ["chat.update", "chat.postMessage"])
    func free(method: String) async throws {
        let limiter = SlackRateLimiter()
        #expect(try await limiter.wait(method: method, channel: "C1", atMost: .zero) == nil)
    }

    @Test("a call that may not wait gets the delay, and takes no capacity")
    func busy() async throws {
        let limiter = SlackRateLimiter()
        for _ in 0..<5 {
            #expect(try await limiter.wait(method: "chat.postMessage", channel: "C1", atMost: .zero) == nil)
        }
        for _ in 0..<3 {
            let wait = try await limiter.wait(method: "chat.postMessage", channel: "C1", atMost: .zero)
            #expect(wait.map { $0 > .zero && $0 <= .seconds(1) } == true)
        }
        #expect(try await limiter.wait(method: "chat.postMessage", channel: "C2", atMost: .zero) == nil)
        #expect(try await limiter.wait(method: "chat.postEphemeral", channel: "C1", atMost: .zero) != nil)
    }

    @Test("after a 429 the method is paused, for posts only in that channel")
    func held() async throws {
        let limiter = SlackRateLimiter()
        await limiter.hold(method: "chat.update", channel: "C1", for: .seconds(600))
        #expect(try await limiter.wait(method: "chat.update", channel: "C2", atMost: .seconds(1)) != nil)
        #expect(await !limiter.hasCapacity("chat.update"))
        await limiter.hold(method: "chat.postMessage", channel: "C1", for: .seconds(600))
        #expect(try await limiter.wait(method: "chat.postMessage", channel: "C1", atMost: .seconds(1)) != nil)
        #expect(try await limiter.wait(method: "chat.postMessage", channel: "C2", atMost: .zero) == nil)
    }

    @Test("optional edits leave half of the minute's calls to required ones")
    func optional() async {
        let limiter = SlackRateLimiter()
        for _ in 0..<25 {
            #expect(await limiter.hasCapacity("chat.update"))
            await limiter.recordCall("chat.update")
        }
        #expect(await !limiter.hasCapacity("chat.update"))
    }
}
