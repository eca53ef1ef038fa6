import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Questions of a process that recovers from an outage later than this one", .timeLimit(.minutes(5)))
struct OtherOwnersTests {
    @Test("are worked on by one process only, and taken over when it is gone", arguments: Backend.allCases)
    func enqueue(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = NewQuestion(
                Samples.question(), originKey: "\(ULID())", origin: Samples.origin, context: ["way": "mention"])
            _ = try await fixture.store.accept(new)
            let id = new.question.id
            // The state after an outage in which the lease could not be renewed.
            _ = try #require(try await fixture.store.claim(id, for: Samples.process, lease: .zero))
            let (other, _) = try await fixture.successor()
            do {
                try await other.register(Samples.other)
                try await Self.check(id, other, of: fixture)
            } catch {
                await other.close()
                throw error
            }
            await other.close()
        }
    }

    private static func check(_ id: ULID, _ other: Store, of fixture: SpoolFixture) async throws {
        try await silent(for: 60, fixture)
        #expect(try await other.claimable().isEmpty, "so soon after its own start a silence says nothing")
        #expect(try await fixture.store.claimable() == [id], "what is its own a process takes up at once")
        other.spool?.state.withLockedValue { $0.inUseSince = .now - .seconds(60) }
        #expect(try await other.claimable() == [id], "its process is gone")
        #expect(try await fixture.store.heartbeat(Samples.process))
        #expect(try await other.claimable().isEmpty, "its process lives, and has what it did in its spool")
        try await fixture.store.remove(Samples.process)
        #expect(try await other.claimable() == [id], "its process has ended")
    }

    private static func silent(for seconds: Int, _ fixture: SpoolFixture) async throws {
        try await fixture.database.write { connection in
            let sign = connection.dialect.now(plus: Int64(-seconds * 1000))
            try connection.execute(
                "UPDATE processes SET heartbeat_at = \(sign) WHERE id = $1", [.text(Samples.process.id)])
        }
    }
}
