import Analytics
import Bridge
import Foundation
import TestKit
import Testing

@Suite("Enqueued PostgreSQL statements", .timeLimit(.minutes(2)))
struct PostgresPipelineTests {
    private func withTable(_ body: (PostgresDatabase) async throws -> Void) async throws {
        let pool = try await makePool()
        try await pool.write { try $0.script("CREATE TABLE t (n integer PRIMARY KEY, words text)") }
        try await body(pool)
        await pool.close()
    }

    private static let insert = "INSERT INTO t VALUES ($1, $2)"

    @Test("run before the next statement, in their order, and at COMMIT at the latest")
    func order() async throws {
        try await withTable { pool in
            let seen = try await pool.write { connection in
                try connection.enqueue(Self.insert, [.int(1), .text("one")])
                try connection.enqueue("UPDATE t SET words = words || '!'", [])
                try connection.enqueue(Self.insert, [.int(2), .null])
                let rows = try connection.query("SELECT n, words FROM t ORDER BY n", [])
                try connection.enqueue(Self.insert, [.int(3), .text("late")])
                return rows.map { $0.text("words") }
            }
            #expect(seen == ["one!", nil])
            #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(3))
        }
    }

    @Test("fail the transaction at the next statement, or at COMMIT", arguments: [true, false])
    func failure(isFollowed: Bool) async throws {
        try await withTable { pool in
            let error = try await storeError {
                try await pool.write { connection in
                    try connection.enqueue(Self.insert, [.int(1), .null])
                    try connection.enqueue(Self.insert, [.int(1), .null])
                    try connection.enqueue(Self.insert, [.int(2), .null])
                    if isFollowed { _ = try connection.query("SELECT 1", []) }
                }
            }
            #expect(error.code == .constraint)
            #expect(error.sqlState == "23505")
            #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(0))
            try await pool.write { try $0.enqueue(Self.insert, [.int(1), .null]) }
            #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(1))
        }
    }

    @Test("are prepared again when the table has changed")
    func stalePlan() async throws {
        try await withTable { pool in
            let copy = "INSERT INTO t SELECT n + $1, words FROM t"
            try await pool.write { try $0.enqueue(copy, [.int(10)]) }
            _ = try await pool.write { try $0.query("SELECT * FROM t", []) }
            try await pool.write { try $0.script("ALTER TABLE t ALTER COLUMN words TYPE varchar(40)") }
            try await pool.write { connection in
                try connection.enqueue(Self.insert, [.int(1), .text("x")])
                try connection.enqueue(copy, [.int(10)])
                #expect(try connection.query("SELECT * FROM t", []).count == 2)
            }
        }
    }

    @Test("are sent without a transaction too, and a thrown error leaves none enqueued")
    func autocommit() async throws {
        try await withTable { pool in
            try await pool.autocommit { try $0.enqueue(Self.insert, [.int(1), .null]) }
            #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(1))
            struct Refusal: Error {}
            await #expect(throws: Refusal.self) {
                try await pool.write { connection in
                    try connection.enqueue(Self.insert, [.int(2), .null])
                    throw Refusal()
                }
            }
            _ = try await pool.write { try $0.query("SELECT 1", []) }
            #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(1))
        }
    }

    @Test("a call beyond its timeout fails while the server still works; afterwards the pool goes on")
    func limit() async throws {
        let url = try await PrivatePostgres.database()
        let (pool, watcher) = (try await makePool(url: url), try await makePool(url: url))
        try await pool.ping()
        let start = ContinuousClock.now
        let error = try await storeError {
            _ = try await pool.withTimeout(.seconds(1)).autocommit { try $0.query("SELECT pg_sleep(600)", []) }
        }
        #expect(error.code == .timeout)
        #expect(ContinuousClock.now - start < .seconds(20))
        // The caller gets its error before the server has stopped the statement.
        try await eventually("that is over") { try await watcher.sessions(running: "pg_sleep") == 0 }
        let waiting = try await storeError {
            try await withThrowingTaskGroup { group in
                defer { group.cancelAll() }
                group.addTask { _ = try await pool.scalar("SELECT pg_sleep(600)") }
                try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
                try await pool.withTimeout(.seconds(1)).ping()
            }
        }
        #expect(waiting.code == .busy)
        try await eventually("it is free again") { (try? await pool.scalar("SELECT 1")) == .int(1) }
        await pool.close()
        await watcher.close()
    }
}
