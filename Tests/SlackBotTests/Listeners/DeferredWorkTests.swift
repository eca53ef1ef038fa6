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
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await deferred.run() }
            try await eventually("all work is done") { done.withLockedValue { $0.count >= 3 } }
            group.cancelAll()
        }
        #expect(done.withLockedValue { $0.sorted() } == ["a", "b", "c"])
    }
}
