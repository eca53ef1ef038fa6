import Bridge
import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Analytics

@Suite("A store that is away without being gone", .timeLimit(.minutes(5)))
struct StoreReturnTests {
    @Test("what is asked while the server only reads is answered, and in the record once it writes again")
    func readOnly() async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        let location = try StoreLocation(databaseURL: try await cluster.database(), dataFolder: "")
        let administrator = try await makePool(url: cluster.url)
        func alter(_ change: String) async throws {
            _ = try await administrator.alone { try $0.execute("ALTER SYSTEM \(change)", []) }
            _ = try await administrator.alone { try $0.query("SELECT pg_reload_conf()", []) }
        }
        try await SpoolWorld.run(.postgres, at: location) { world in
            try await alter("SET default_transaction_read_only = on")
            var asked: [NewQuestion] = []
            // The sessions of the server hear of it one after the other.
            try await eventually("a question is kept in the spool") {
                let new = NewQuestion(Samples.question(thread: ULID().text), origin: Samples.origin)
                let acceptance = try await world.record.accept(new)
                #expect(acceptance == .accepted(new.question.id))
                asked.append(new)
                return world.record.store?.spooled == 1
            }
            let kept = try #require(asked.last).question.id
            _ = try #require(try await world.record.work(on: kept))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await world.record.watchStore() }
                // It answers every question about itself meanwhile; a probe is a write. Two good ones would end the outage.
                let before = world.store.refusedWrites
                try await eventually("two probes were refused") { world.store.refusedWrites >= before + 2 }
                #expect(world.record.isAway)
                try await alter("RESET default_transaction_read_only")
                try await eventually("the store is back and the spool empty") {
                    world.record.store?.awaySince == nil && world.record.store?.spooled == 0
                }
                group.cancelAll()
                try await group.waitForAll()
            }
            try await world.inspect { plain in
                try await plain.expectWhole(kept)
                for new in asked { #expect(try await plain.question(new.question.id) != nil) }
            }
        }
        await administrator.close()
        try await cluster.stop()
    }

    @Test("after a write that the server refused because it only reads, the whole pool connects anew")
    func newConnections() async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        let pool = try await makePool(url: try await cluster.database(), connections: 3)
        try await pool.write { try $0.script("CREATE TABLE t (n integer)") }
        func sessions() async throws -> Set<SQLValue> {
            // Each statement takes its time, so that every connection gets one.
            try await withThrowingTaskGroup(of: SQLValue?.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await pool.alone { connection in
                            let sql = "SELECT pg_backend_pid(), pg_sleep(1)"
                            return try connection.query(sql, []).first?.values.first
                        }
                    }
                }
                var found: Set<SQLValue> = []
                for try await session in group { found.formUnion([session].compactMap { $0 }) }
                return found
            }
        }
        let before = try await sessions()
        let error = try await storeError {
            try await pool.alone { connection in
                try connection.execute("SET default_transaction_read_only = on", [])
                try connection.execute("INSERT INTO t VALUES (1)", [])
            }
        }
        #expect(error.code == .unavailable && error.sqlState == "25006")
        #expect(try await sessions().isDisjoint(with: before))
        let inserted = try await pool.alone { try $0.execute("INSERT INTO t VALUES (1)", []) }
        #expect(inserted == 1)
        await pool.close()
        try await cluster.stop()
    }

    @Test("who was switched off by another process before the outage stays so in it", arguments: Backend.allCases)
    func relearned(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let email = "ada@acme.example"
            let ada = Sighting(team: "T1", slackUserID: "U1", email: email, name: "Ada", role: "dba")
            #expect(try await world.record.seen(ada).isActive)
            _ = try await world.inspect { try await $0.setActive(false, email) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await world.record.watchStore(learningEvery: .milliseconds(1)) }
                try await eventually("it is known here") {
                    world.record.spool?.state.withLockedValue { $0.people[email]?.isActive } == false
                }
                group.cancelAll()
                try await group.waitForAll()
            }
            world.store.trouble = .away
            #expect(try await !world.record.seen(ada).isActive)
        }
    }

    @Test("while the store is away a thread is not looked up, and nobody waits for one that hangs")
    func threads() async throws {
        try await SpoolWorld.run(.sqlite) { world in
            world.store.trouble = .slow
            let hung = try await storeError {
                _ = try await world.record.lastQuestion(in: "T1:C1:1.0", before: Date(), within: .milliseconds(10))
            }
            #expect(hung.code == .timeout)
            #expect(!world.record.isAway, "so short a limit tells nothing of the store")
            world.store.trouble = .away
            _ = try await world.record.accept(NewQuestion(Samples.question(), origin: Samples.origin))
            world.store.trouble = .slow
            // It would say nothing for as long as this waits.
            let away = try await storeError {
                _ = try await world.record.lastQuestion(in: "T1:C1:1.0", before: Date())
            }
            #expect(away.code == .unavailable)
            world.store.trouble = nil
        }
    }
}
