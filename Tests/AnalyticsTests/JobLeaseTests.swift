import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Leases of background jobs", .timeLimit(.minutes(3)))
struct JobLeaseTests {
    private static let long = Duration.seconds(600)

    /// A process of that name that is registered.
    private func process(_ name: String, in store: Store) async throws -> ProcessRow {
        let process = ProcessRow(name: name, host: "localhost", pid: .max)
        try await store.register(process)
        return process
    }

    private func claim(_ job: String = "work", _ process: ProcessRow, _ store: Store) async throws -> JobLease? {
        try await store.claimJob(job, for: process, lease: Self.long)
    }

    /// Lets all leases end a second ago.
    private func expire(_ store: Store) async throws {
        try await store.database.write { connection in
            try connection.script("UPDATE job_leases SET lease_until = \(connection.dialect.now(plus: -1_000))")
        }
    }

    @Test("of processes that claim a job at once one has it, also when its lease is over", arguments: Backend.allCases)
    func race(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            for epoch in 1...2 {
                let leases = try await withThrowingTaskGroup { group in
                    for index in 0..<8 {
                        let store = stores[index % 2]
                        let process = try await process("p\(epoch).\(index)", in: store)
                        group.addTask { try await claim("work", process, store) }
                    }
                    return try await group.reduce(into: [JobLease]()) { if let lease = $1 { $0.append(lease) } }
                }
                #expect(leases.map(\.epoch) == [Int64(epoch)])
                try await expire(stores[0])
            }
        }
    }

    @Test(
        "a lease that ends later than any can, after the store's clock was set back, is over",
        arguments: Backend.allCases)
    func clockSetBack(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let (one, two) = (try await process("one", in: stores[0]), try await process("two", in: stores[1]))
            _ = try #require(try await claim("work", one, stores[0]))
            try await stores[0].database.write { connection in
                try connection.script("UPDATE job_leases SET lease_until = \(connection.dialect.now(plus: 86_400_000))")
            }
            #expect(try await claim("work", two, stores[1])?.epoch == 2)
        }
    }

    @Test(
        "a lease that is over is renewed unless another process has the job; then the first changes nothing",
        arguments: Backend.allCases)
    func lost(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let (one, two) = (try await process("one", in: stores[0]), try await process("two", in: stores[1]))
            let first = try #require(try await claim("work", one, stores[0]))
            #expect(try await claim("work", two, stores[1]) == nil)
            #expect(try await claim("other work", two, stores[1]) != nil)
            try await expire(stores[0])
            let renewed = try #require(try await stores[0].renewJob(first, lease: Self.long))
            #expect(renewed.epoch == first.epoch && renewed.until > first.until)
            #expect(try await claim("work", two, stores[1]) == nil)
            try await expire(stores[0])
            let second = try #require(try await claim("work", two, stores[1]))
            #expect(second.epoch == first.epoch + 1)
            #expect(try await stores[0].renewJob(renewed, lease: Self.long) == nil)
            try await stores[0].releaseJob(renewed)
            #expect(try await claim("work", one, stores[0]) == nil)
            try await stores[1].releaseJob(second)
            #expect(try await stores[1].renewJob(second, lease: Self.long) == nil)
            #expect(try await claim("work", one, stores[0])?.epoch == second.epoch + 1)
        }
    }

    @Test(
        "a process that ends, or is replaced by one of its name, leaves its jobs at once", arguments: Backend.allCases)
    func ended(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let (one, two) = (try await process("one", in: stores[0]), try await process("two", in: stores[1]))
            #expect(try await claim("work", one, stores[0]) != nil)
            #expect(try await claim("work", one, stores[0])?.epoch == 2, "its own, of which it did not learn")
            let next = try await process("one", in: stores[0])
            #expect(try await claim("work", next, stores[0])?.epoch == 3)
            #expect(try await claim("work", two, stores[1]) == nil)
            try await stores[0].remove(next)
            #expect(try await claim("work", two, stores[1])?.epoch == 4)
        }
    }
}
