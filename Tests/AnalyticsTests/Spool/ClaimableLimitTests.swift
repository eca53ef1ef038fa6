import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Claimable questions of the spool and the store", .timeLimit(.minutes(5)))
struct ClaimableLimitTests {
    private static func accept(_ threads: [String], in store: Store) async throws -> [ULID] {
        var ids: [ULID] = []
        for (index, thread) in threads.enumerated() {
            let time = Date(timeIntervalSinceNow: Double(index) - 60)
            let new = NewQuestion(
                Samples.question(thread: thread, at: time), originKey: "\(ULID())", origin: Samples.origin,
                context: ["way": "mention"])
            _ = try await store.accept(new)
            ids.append(new.question.id)
        }
        return ids
    }

    @Test("both together are at most as many as the limit, those of the spool first", arguments: Backend.allCases)
    func limit(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let spool = try #require(fixture.store.spool)
            let stored = try await Self.accept(["a", "b"], in: fixture.store)
            fixture.database.trouble = .away
            let spooled = try await Self.accept(["c", "d"], in: fixture.store)
            #expect(spool.isAway)
            // The store is back, and the spool is not transferred yet.
            fixture.database.trouble = nil
            spool.state.withLockedValue { $0.availability.returned() }
            #expect(try await fixture.store.claimable(limit: 3) == spooled + [stored[0]])
            #expect(try await fixture.store.claimable(limit: 2) == spooled)
            #expect(try await fixture.store.claimable() == spooled + stored)
        }
    }
}
