import Bridge
import Testing

@Suite("Alarm clock")
struct AlarmClockTests {
    @Test("all sleepers wake, none too early")
    func punctuality() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let start = ContinuousClock.now
            for milliseconds in [240, 40, 320, 120, 0, -10] {
                group.addTask {
                    try await AlarmClock.sleep(for: .milliseconds(milliseconds))
                    #expect(ContinuousClock.now - start >= .milliseconds(milliseconds))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a sleep that is cancelled ends at once, before it began too")
    func cancellation() async throws {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1_000 {
                group.addTask {
                    do {
                        try await AlarmClock.sleep(for: .seconds(3_600))
                        return false
                    } catch {
                        return error is CancellationError
                    }
                }
            }
            group.cancelAll()
            for await isCancelled in group { #expect(isCancelled) }
        }
    }

    @Test("those who stay wake among many who go")
    func mixture() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<400 {
                group.addTask {
                    try await withThrowingTaskGroup(of: Void.self) { pair in
                        pair.addTask { try await AlarmClock.sleep(for: .milliseconds(number % 50)) }
                        pair.addTask { try await AlarmClock.sleep(for: .seconds(600)) }
                        // The short one is first, and with it the other goes.
                        try await pair.next()
                        pair.cancelAll()
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
