import Bridge
import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Analytics

@Suite("A store that is away without being gone", .timeLimit(.minutes(5)))
struct SpoolDrainTests {
    @Test("what is asked while the server only reads is answered, and in the record once it writes again")
    func readOnly() async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        let location = try StoreLocation(databaseURL: try await cluster.database(), dataFolder: "")
        let administrator = try await makePool(url: cluster.url)
        func alter(_ change: String) async throws {
            _ = try await administrator.autocommit { try $0.execute("ALTER SYSTEM \(change)", []) }
            _ = try await administrator.autocommit { try $0.query("SELECT pg_reload_conf()", []) }
        }
        try await SpoolFixture.run(.postgres, at: location) { fixture in
            try await alter("SET default_transaction_read_only = on")
            var asked: [NewQuestion] = []
            // The sessions of the server hear of it one after the other.
            try await eventually("a question is kept in the spool") {
                let new = NewQuestion(Samples.question(thread: ULID().text), origin: Samples.origin)
                let acceptResult = try await fixture.store.accept(new)
                #expect(acceptResult == .accepted(new.question.id))
                asked.append(new)
                return fixture.store.status?.spooled == 1
            }
            let kept = try #require(asked.last).question.id
            _ = try #require(try await fixture.store.work(on: kept))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await fixture.store.watchStore() }
                // It answers every question about itself meanwhile; a probe is a write. Two good ones would end the outage.
                let before = fixture.database.refusedWrites
                try await eventually("two probes were refused") { fixture.database.refusedWrites >= before + 2 }
                #expect(fixture.store.isAway)
                try await alter("RESET default_transaction_read_only")
                try await eventually("the store is back and the spool empty") {
                    fixture.store.status?.awaySince == nil && fixture.store.status?.spooled == 0
                }
                group.cancelAll()
                try await group.waitForAll()
            }
            try await fixture.inspect { plain in
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
                        try await pool.autocommit { connection in
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
            try await pool.autocommit { connection in
                try connection.execute("SET default_transaction_read_only = on", [])
                try connection.execute("INSERT INTO t VALUES (1)", [])
            }
        }
        #expect(error.code == .unavailable && error.sqlState == "25006")
        #expect(try await sessions().isDisjoint(with: before))
        let inserted = try await pool.autocommit { try $0.execute("INSERT INTO t VALUES (1)", []) }
        #expect(inserted == 1)
        await pool.close()
        try await cluster.stop()
    }

    @Test("who was switched off by another process before the outage stays so in it", arguments: Backend.allCases)
    func relearned(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let email = "ada@acme.example"
            let ada = SeenUser(team: "T1", slackUserID: "U1", email: email, name: "Ada", role: "dba")
            #expect(try await fixture.store.seen(ada).isActive)
            _ = try await fixture.inspect { try await $0.setActive(false, email) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await fixture.store.watchStore(learningEvery: .milliseconds(1)) }
                try await eventually("it is known here") {
                    fixture.store.spool?.state.withLockedValue { $0.people[email]?.isActive } == false
                }
                group.cancelAll()
                try await group.waitForAll()
            }
            fixture.database.trouble = .away
            #expect(try await !fixture.store.seen(ada).isActive)
        }
    }

    @Test("while the store is away a thread is not looked up, and nobody waits for one that hangs")
    func threads() async throws {
        try await SpoolFixture.run(.sqlite) { fixture in
            fixture.database.trouble = .slow
            let hung = try await storeError {
                _ = try await fixture.store.lastQuestion(in: "T1:C1:1.0", before: Date(), within: .milliseconds(10))
            }
            #expect(hung.code == .timeout)
            #expect(!fixture.store.isAway, "so short a limit tells nothing of the store")
            fixture.database.trouble = .away
            _ = try await fixture.store.accept(NewQuestion(Samples.question(), origin: Samples.origin))
            fixture.database.trouble = .slow
            // It would say nothing for as long as this waits.
            let away = try await storeError {
                _ = try await fixture.store.lastQuestion(in: "T1:C1:1.0", before: Date())
            }
            #expect(away.code == .unavailable)
            fixture.database.trouble = nil
        }
    }
}
