import TestKit
import Testing

@testable import Bridge

@Suite("An overloaded provider", .timeLimit(.minutes(2)))
struct OverloadTests {
    private func script(_ double: AnthropicDouble, _ faults: Int, of fault: JSONValue, then text: String? = nil)
        async throws
    {
        for _ in 0..<faults { try await double.script(fault) }
        if let text { try await double.script(["text": .string(text)]) }
    }

    private func waited(_ double: AnthropicDouble) -> Duration {
        double.waits.withLockedValue { $0.reduce(.zero, +) }
    }

    @Test(
        "an overload of half a minute is waited out, and each wait is told",
        arguments: ["overloaded", "rate_limit", "html_502"])
    func waitedOut(fault: String) async throws {
        try await withDouble { double in
            try await script(double, 7, of: ["fault": .string(fault)], then: "At last.")
            #expect(try await double.turn(double.client(), .sample()).text == "At last.")
            #expect(double.retries == 7)
            #expect(waited(double) > .seconds(20))
        }
    }

    @Test("an overload that outlasts the budget is told as the reason")
    func outlasting() async throws {
        try await withDouble { double in
            try await script(double, 30, of: ["fault": "overloaded"])
            let client = double.client { $0.retryBudget = .seconds(10) }
            let failure = try #require(await double.failure(client, .sample()))
            #expect(failure.code == .modelOverloaded && failure.isRetryable)
            #expect(failure.message == "The model \(AnthropicDouble.model) is overloaded.")
            #expect(Duration.seconds(5)...Duration.seconds(10.5) ~= waited(double))
        }
    }

    @Test("Retry-After is honoured within the budget, and then the fallback model is asked")
    func fallback() async throws {
        try await withDouble { double in
            try await script(double, 4, of: ["fault": "rate_limit", "retry_after": 1], then: "From the other.")
            let client = double.client {
                $0.retryBudget = .seconds(3.9)
                $0.fallbackModel = "claude-haiku-5-5"
            }
            let turn = try await double.turn(client, .sample())
            #expect(turn.text == "From the other." && turn.model == "claude-haiku-5-5")
            #expect(double.waits.withLockedValue { $0 } == [.seconds(1), .seconds(1), .seconds(1)])
        }
    }

    @Test("a wait beyond the budget is not waited for: the fallback model is asked at once")
    func longWait() async throws {
        try await withDouble { double in
            try await double.script(["fault": "rate_limit", "retry_after": 90], ["text": "From the other."])
            let turn = try await double.turn(
                double.client { $0.fallbackModel = "claude-haiku-5-5" }, .sample())
            #expect(turn.model == "claude-haiku-5-5")
            #expect(double.waits.withLockedValue { $0 }.isEmpty)
        }
    }

    @Test("an overload is waited out for a part of the time that the question has left")
    func deadline() async throws {
        try await withDouble { double in
            try await script(double, 30, of: ["fault": "overloaded"])
            var request = ModelRequest.sample()
            request.deadline = ContinuousClock.now + .seconds(20)
            let failure = try #require(await double.failure(double.client(), request))
            #expect(failure.code == .modelOverloaded)
            #expect(waited(double) < .seconds(18.5))
        }
    }
}

@Suite("The schedule of retries")
struct RetryScheduleTests {
    private let start = ContinuousClock.now
    private let policy = RetryPolicy(maxRetries: 2, random: { 0 })

    @Test("an overload has as many retries as its budget of time holds, the last at its end")
    func overload() {
        var schedule = RetrySchedule(policy: policy, budget: .seconds(60))
        var now = start
        var waits: [Duration] = []
        while case .wait(let wait) = schedule.next(demanded: nil, isOverload: true, at: now) {
            waits.append(wait)
            now += wait
        }
        #expect(waits == [0.5, 1, 2, 4, 8, 8, 8, 8, 8, 8, 4.5].map { Duration.seconds($0) })
        #expect(schedule.retries == waits.count)
    }

    @Test("slow attempts count against the budget")
    func slow() {
        var schedule = RetrySchedule(policy: policy, budget: .seconds(60))
        #expect(schedule.next(demanded: nil, isOverload: true, at: start) == .wait(.seconds(0.5)))
        #expect(schedule.next(demanded: nil, isOverload: true, at: start + .seconds(61)) == .stop)
    }

    @Test("a demanded wait is kept to, unless it is longer than the rest of the budget")
    func demanded() {
        var schedule = RetrySchedule(policy: policy, budget: .seconds(60))
        #expect(schedule.next(demanded: .seconds(40), isOverload: true, at: start) == .wait(.seconds(40)))
        let later = start + .seconds(40)
        #expect(schedule.next(demanded: .seconds(21), isOverload: true, at: later) == .tooLong(.seconds(21)))
        #expect(schedule.next(demanded: .seconds(20), isOverload: true, at: later) == .wait(.seconds(20)))
    }

    @Test("a provider that demands no wait at all is not asked in a tight loop")
    func tight() {
        var schedule = RetrySchedule(policy: policy, budget: .seconds(60))
        #expect(schedule.next(demanded: .milliseconds(1), isOverload: true, at: start) == .wait(.milliseconds(200)))
    }

    @Test("other failures, and an overload without a budget, have a number of retries")
    func counted() {
        for (budget, isOverload) in [(Duration.seconds(60), false), (Duration.zero, true)] {
            var schedule = RetrySchedule(policy: policy, budget: budget)
            #expect(schedule.next(demanded: nil, isOverload: isOverload, at: start) == .wait(.seconds(0.5)))
            #expect(schedule.next(demanded: .seconds(9), isOverload: isOverload, at: start) == .wait(.seconds(9)))
            #expect(schedule.next(demanded: nil, isOverload: isOverload, at: start) == .stop)
        }
        var schedule = RetrySchedule(policy: policy, budget: .seconds(60))
        #expect(schedule.next(demanded: .seconds(121), isOverload: false, at: start) == .tooLong(.seconds(121)))
    }
}
