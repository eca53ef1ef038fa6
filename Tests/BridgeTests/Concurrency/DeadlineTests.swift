import NIOConcurrencyHelpers
import Testing

@testable import Bridge

@Suite("Work with a deadline", .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test("work that ends in time is returned without waiting for the timer")
    func inTime() async {
        let result = await withDeadline(.seconds(600)) { 7 }
        #expect(result.value == 7 && !result.isLate && result.inTime == 7)
    }

    @Test("late work is cancelled and awaited, and its result is marked as late")
    func late() async {
        let result = await withDeadline(.zero) { () -> String in
            try? await Task.sleep(for: .seconds(600))
            return Task.isCancelled ? "cancelled" : "slept"
        }
        #expect(result.value == "cancelled" && result.isLate && result.inTime == nil)
    }

    @Test("work ended by the caller's cancellation is not late")
    func cancelled() async {
        let task = Task {
            await withDeadline(.seconds(600)) { () -> Bool in
                try? await Task.sleep(for: .seconds(600))
                return Task.isCancelled
            }
        }
        task.cancel()
        let result = await task.value
        #expect(result.value && !result.isLate)
    }

    @Test("work that ignores its cancellation is abandoned, and the error is that of the deadline")
    func abandoned() async throws {
        struct TooLate: Error {}
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        await #expect(throws: TooLate.self) {
            try await withDeadline(.milliseconds(20), throwing: TooLate()) {
                // Awaits another task's stream, which a cancellation of this task does not end.
                await Task { for await _ in gate {} }.value
            }
        }
        open.finish()
        #expect(try await withDeadline(.seconds(600), throwing: TooLate()) { 7 } == 7)
        await #expect(throws: BridgeError.self) {
            try await withDeadline(.seconds(600), throwing: TooLate()) { throw BridgeError(.badRequest, "No.") }
        }
    }

    @Test("the caller's cancellation ends the wait for abandoned work at once")
    func cancelledWait() async {
        struct TooLate: Error {}
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await withDeadline(.seconds(600), throwing: TooLate()) {
                await Task { for await _ in gate {} }.value
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        open.finish()
    }

    @Test("shielded work completes although its task is cancelled")
    func shielded() async {
        let task = Task {
            await withCancellationShield { () -> Bool in
                try? await Task.sleep(for: .milliseconds(5))
                return Task.isCancelled
            }
        }
        task.cancel()
        #expect(await task.value == false)
    }

    @Test("shielded work that exceeds the grace after a cancellation is cancelled too, and awaited")
    func shieldedForAWhile() async {
        let task = Task {
            await withCancellationShield(lasting: .milliseconds(20)) { () -> Bool in
                try? await Task.sleep(for: .seconds(600))
                return Task.isCancelled
            }
        }
        task.cancel()
        #expect(await task.value)
    }

    @Test("without a cancellation shielded work has no limit, and its grace delays nothing")
    func shieldedWithoutCancellation() async {
        let isCancelled = await withCancellationShield(lasting: .zero) { () -> Bool in
            try? await Task.sleep(for: .milliseconds(20))
            return Task.isCancelled
        }
        #expect(!isCancelled)
        let task = Task { await withCancellationShield(lasting: .seconds(600)) { 7 } }
        task.cancel()
        #expect(await task.value == 7)
    }
}
