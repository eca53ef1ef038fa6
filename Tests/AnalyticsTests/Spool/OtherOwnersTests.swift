import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Questions of a process that comes back from an outage later than this one", .timeLimit(.minutes(5)))
struct OtherOwnersTests {
    @Test("are not worked on by two, and taken over when their process is gone", arguments: Backend.allCases)
    func later(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let new = NewQuestion(
                Samples.question(), originKey: "\(ULID())", origin: Samples.origin, context: ["way": "mention"])
            _ = try await world.record.accept(new)
            let id = new.question.id
            // As after an outage in which the lease could not be renewed.
            _ = try #require(try await world.record.claim(id, for: Samples.process, lease: .zero))
            let (other, _) = try await world.successor()
            do {
                try await other.register(Samples.other)
                try await Self.check(id, other, of: world)
            } catch {
                await other.close()
                throw error
            }
            await other.close()
        }
    }

    private static func check(_ id: ULID, _ other: Record, of world: SpoolWorld) async throws {
        try await silent(for: 60, world)
        #expect(try await other.claimable().isEmpty, "so soon after its own start a silence says nothing")
        #expect(try await world.record.claimable() == [id], "what is its own a process takes up at once")
        other.spool?.state.withLockedValue { $0.inUseSince = .now - .seconds(60) }
        #expect(try await other.claimable() == [id], "its process is gone")
        #expect(try await world.record.heartbeat(Samples.process))
        #expect(try await other.claimable().isEmpty, "its process lives, and has what it did in its spool")
        try await world.record.remove(Samples.process)
        #expect(try await other.claimable() == [id], "its process has ended")
    }

    private static func silent(for seconds: Int, _ world: SpoolWorld) async throws {
        try await world.store.write { connection in
            let sign = connection.dialect.now(plus: Int64(-seconds * 1000))
            try connection.execute(
                "UPDATE processes SET heartbeat_at = \(sign) WHERE id = $1", [.text(Samples.process.id)])
        }
    }
}
