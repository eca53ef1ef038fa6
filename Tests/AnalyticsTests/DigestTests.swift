import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Digests of several processes", .timeLimit(.minutes(3)))
struct DigestTests {
    private static let due = Timestamp.date("2026-11-23T08:00:00.000Z") ?? Date()
    private static let message = DigestMessageAddress(channel: "C1", ts: "1.5")

    /// Claims the digest and takes over what another process has.
    private func takeOver(_ store: Store, _ owner: String = "two", channel: String = "C1") async throws
        -> DigestClaimResult
    {
        try await store.claimDigest(due: Self.due, owner: owner, channel: channel, takingOverAfter: .zero)
    }

    private func claim(_ store: Store, _ owner: String = "one", channel: String = "C1") async throws -> DigestClaim {
        let result = try await store.claimDigest(due: Self.due, owner: owner, channel: channel)
        guard case .claimed(let claim) = result else { throw StoreError(.other, "not claimed: \(result)") }
        return claim
    }

    @Test("of processes that claim it at once one has it", arguments: Backend.allCases)
    func race(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let results = try await withThrowingTaskGroup { group in
                for index in 0..<8 {
                    group.addTask {
                        try await stores[index % 2].claimDigest(due: Self.due, owner: "p\(index)", channel: "C1")
                    }
                }
                return try await group.reduce(into: [DigestClaimResult]()) { $0.append($1) }
            }
            #expect(results.count { $0 == .held } == 7)
            #expect(try await stores[0].digestState(due: Self.due) == .held)
            #expect(try await stores[1].digestState(due: Self.due.addingTimeInterval(60)) == .due)
        }
    }

    @Test("of processes that take an old claim over at once one has it", arguments: Backend.allCases)
    func secondRace(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            _ = try await claim(stores[0])
            try await stores[0].database.write { connection in
                let old = connection.dialect.now(plus: -180_000)
                try connection.script("UPDATE digests SET claimed_at = \(old)")
            }
            #expect(try await stores[1].digestState(due: Self.due) == .due)
            let results = try await withThrowingTaskGroup { group in
                for index in 0..<8 {
                    group.addTask {
                        try await stores[index % 2].claimDigest(due: Self.due, owner: "p\(index)", channel: "C2")
                    }
                }
                return try await group.reduce(into: [DigestClaimResult]()) { $0.append($1) }
            }
            #expect(results.count { $0 == .held } == 7)
            let claims = results.compactMap { if case .claimed(let claim) = $0 { claim } else { nil } }
            #expect(claims.map(\.attempt) == [2] && claims.first?.earlierChannel == "C1")
        }
    }

    @Test("a young claim is not taken over; after a take-over the first writes nothing", arguments: Backend.allCases)
    func takenOver(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let first = try await claim(stores[0])
            #expect(first.attempt == 1 && first.earlierChannel == nil && first.message == nil)
            let young = try await stores[1].claimDigest(due: Self.due, owner: "two", channel: "C1")
            #expect(young == .held)
            guard case .claimed(let second) = try await takeOver(stores[1]) else {
                Issue.record("not taken over")
                return
            }
            #expect(second.attempt == 2)
            #expect(try await !stores[0].digestPosted(first, at: Self.message))
            #expect(try await !stores[0].digestSent(first))
            #expect(try await stores[1].digestPosted(second, at: Self.message))
            #expect(try await stores[1].digestSent(second))
            #expect(try await takeOver(stores[0], "one") == .over)
            #expect(try await stores[0].digestState(due: Self.due, takingOverAfter: .zero) == .over)
        }
    }

    @Test(
        "a later attempt learns where the message is; without one three attempts are all", arguments: Backend.allCases)
    func attempts(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let first = try await claim(stores[0], channel: "C9")
            #expect(try await stores[0].digestPosted(first, at: Self.message))
            guard case .claimed(let second) = try await takeOver(stores[1]) else {
                Issue.record("not taken over")
                return
            }
            #expect(second.message == Self.message)
            _ = try await takeOver(stores[0], "three")
            #expect(try await takeOver(stores[1]) == .over, "the message is known")
            let later = Self.due.addingTimeInterval(86_400)
            for _ in 1...Store.digestAttempts {
                _ = try await stores[0].claimDigest(due: later, owner: "one", channel: "C1", takingOverAfter: .zero)
            }
            #expect(try await stores[1].claimDigest(due: later, owner: "two", channel: "C1") == .held)
            let end = try await stores[1].claimDigest(due: later, owner: "two", channel: "C1", takingOverAfter: .zero)
            #expect(end == .exhausted)
        }
    }

    @Test(
        "it is given up once, with an entry; not when its message is known or it was sent", arguments: Backend.allCases)
    func givenUp(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            _ = try await claim(stores[0])
            #expect(try await stores[1].giveUpDigest(due: Self.due, reason: "not_in_channel"))
            #expect(try await !stores[0].giveUpDigest(due: Self.due, reason: "late"))
            #expect(try await takeOver(stores[1]) == .over)
            let unclaimed = Self.due.addingTimeInterval(86_400)
            #expect(try await stores[0].giveUpDigest(due: unclaimed, reason: "late"))
            #expect(try await stores[1].digestState(due: unclaimed) == .over)
            let events = try await stores[0].adminEvents()
            #expect(events.map(\.action) == ["digest.given_up", "digest.given_up"])
            #expect(events.last?.subject == "2026-11-23T08:00:00.000Z" && events.last?.actor == "schedule")
            #expect(events.last?.detail["reason"] == "not_in_channel" && events.last?.detail["attempts"]?.int == 1)
            let posted = unclaimed.addingTimeInterval(86_400)
            guard
                case .claimed(let claim) = try await stores[0].claimDigest(due: posted, owner: "one", channel: "C1")
            else {
                Issue.record("not claimed")
                return
            }
            #expect(try await stores[0].digestPosted(claim, at: Self.message))
            #expect(try await !stores[1].giveUpDigest(due: posted, reason: "late"))
        }
    }
}
