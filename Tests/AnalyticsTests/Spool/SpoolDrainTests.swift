import Bridge
import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Analytics

@Suite("A store that answers but is unavailable", .timeLimit(.minutes(5)))
struct SpoolDrainTests {
    @Test("questions during a read-only phase of the server are answered, and in the store once it accepts writes")
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
            // The server's sessions become read-only one after the other.
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
                // Meanwhile the server answers reads, but a probe is a write. Two successful probes would end the
                // outage.
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

    @Test("after a write refused as read-only, all connections of the pool are opened anew")
    func newConnections() async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        let pool = try await makePool(url: try await cluster.database(), connections: 3)
        try await pool.write { try $0.script("CREATE TABLE t (n integer)") }
        func sessions() async throws -> Set<SQLValue> {
            // The statements take long enough that each connection gets one.
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

    @Test("a user disabled by another process before the outage stays disabled during it", arguments: Backend.allCases)
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

    @Test("while the store is unavailable a thread look-up fails at once, and a look-up that hangs times out")
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
            // A call that reached the database would wait until the fault is removed.
            let away = try await storeError {
                _ = try await fixture.store.lastQuestion(in: "T1:C1:1.0", before: Date())
            }
            #expect(away.code == .unavailable)
            fixture.database.trouble = nil
        }
    }
}
