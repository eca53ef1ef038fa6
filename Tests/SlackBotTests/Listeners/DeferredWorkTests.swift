import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import SlackBot

@Suite("Work after an acknowledgement", .timeLimit(.minutes(1)))
struct DeferredWorkTests {
    @Test("a command is delivered twice: its work is done once, and that of others too")
    func once() async throws {
        let deferred = DeferredWork()
        let done = NIOLockedValueBox<[String]>([])
        for id in ["a", "b", "a", "c", "b"] {
            deferred.add(id) { done.withLockedValue { $0.append(id) } }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await deferred.run() }
            let isDone = await eventually { done.withLockedValue { $0.count >= 3 } }
            #expect(isDone)
            group.cancelAll()
        }
        #expect(done.withLockedValue { $0.sorted() } == ["a", "b", "c"])
    }
}
