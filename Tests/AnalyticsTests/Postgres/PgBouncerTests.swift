import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("The store behind PgBouncer", .timeLimit(.minutes(5)))
struct PgBouncerTests {
    @Test("questions are stored, claimed and answered when each transaction may have another session")
    func store() async throws {
        let database = try await PrivatePostgres.database()
        let bouncer = try await PgBouncer.start(database: database, mode: .transaction)
        let location = try StoreLocation(databaseURL: bouncer.url, dataFolder: "")
        let stores = [try await Store.open(location), try await Store.open(location)]
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<24 {
                group.addTask {
                    let question = Samples.question("why \(number)?", thread: "T1:C1:\(number).0")
                    return try await stores[number % 2].answer(question)
                }
            }
            for try await isOurs in group { #expect(isOurs) }
        }
        let rows = try await stores[0].auditPage(AuditFilter(), before: nil, limit: 100)
        #expect(rows.count == 24 && rows.allSatisfy { $0.status == .success })
        #expect(try await stores[1].unfinished().isEmpty)
        for store in stores { await store.close() }
        withExtendedLifetime(bouncer) {}
    }

    @Test(
        "values, time zone and limits are those of the store; other clients' sessions keep theirs",
        arguments: [
            PgBouncer.Mode.transaction, .session,
        ])
    func settings(_ mode: PgBouncer.Mode) async throws {
        let database = try await PrivatePostgres.database()
        let direct = try await makePool(url: database)
        let name = try #require(URLComponents(string: database)?.path.dropFirst())
        try await direct.write { try $0.script("ALTER DATABASE \(name) SET TimeZone = 'Asia/Tokyo'") }
        try await direct.write { try $0.script("CREATE TABLE t (id integer PRIMARY KEY, at timestamptz)") }
        let bouncer = try await PgBouncer.start(database: database, mode: mode)
        let pool = try await makePool(url: bouncer.url, connections: 4) { $0.statementTimeout = .seconds(29) }
        try await withThrowingTaskGroup { group in
            for number in 0..<40 {
                group.addTask {
                    let values: [SQLValue] = [.int(Int64(number)), .text("2026-11-28T12:00:00Z")]
                    if number % 2 == 0 {
                        try await pool.write { _ = try $0.execute("INSERT INTO t VALUES ($1, $2)", values) }
                    } else {
                        try await pool.autocommit { _ = try $0.execute("INSERT INTO t VALUES ($1, $2)", values) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await pool.scalar("SELECT count(DISTINCT at) FROM t") == .int(1))
        #expect(try await pool.scalar("SELECT current_setting('TimeZone')") == .text("UTC"))
        #expect(try await pool.scalar("SELECT current_setting('statement_timeout')") == .text("29s"))
        let alone = try await pool.autocommit { try $0.query("SELECT current_setting('TimeZone') AS zone", []) }
        #expect(alone.first?.values == [.text("UTC")])
        if mode == .transaction {
            let other = try await makePool(url: bouncer.url) { $0.statementTimeout = .seconds(7) }
            #expect(try await other.scalar("SELECT current_setting('statement_timeout')") == .text("7s"))
            #expect(try await pool.scalar("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''") == .int(0))
            await other.close()
        }
        await pool.close()
        await direct.close()
        withExtendedLifetime(bouncer) {}
    }

    @Test("a cancelled task stops its statement, and the session serves others")
    func cancellation() async throws {
        let bouncer = try await PgBouncer.start(
            database: try await PrivatePostgres.database(), mode: .transaction, sessions: 1)
        let pool = try await makePool(url: bouncer.url)
        let begun = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await pool.read { try $0.query("SELECT pg_sleep(25)", []) } }
            try? await Task.sleep(for: .milliseconds(300))
            group.cancelAll()
        }
        #expect(try await pool.scalar("SELECT 1") == .int(1))
        #expect(ContinuousClock.now - begun < .seconds(20))
        await pool.close()
        withExtendedLifetime(bouncer) {}
    }

    @Test("a pooler that hands out single statements is refused with what to set")
    func statementMode() async throws {
        let bouncer = try await PgBouncer.start(database: try await PrivatePostgres.database(), mode: .statement)
        let location = try StoreLocation(databaseURL: bouncer.url, dataFolder: "")
        let error = try await storeError { _ = try await Store.open(location) }
        #expect(error.code == .other && error.message.contains("set pool_mode = transaction"))
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let spooled = try await storeError { _ = try await Store.open(location, spoolFolder: folder.path) }
        #expect(spooled.message.contains("set pool_mode = transaction"))
        withExtendedLifetime(bouncer) {}
    }
}
