import Analytics
import Bridge
import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@Suite("PostgreSQL transactions", .timeLimit(.minutes(2)))
struct PostgresTransactionTests {
    private struct Refusal: Error, Equatable {}

    @Test("a write that throws is rolled back and rethrows the error")
    func rollback() async throws {
        let pool = try await makePool()
        try await pool.write { try $0.script("CREATE TABLE t (n integer)") }
        await #expect(throws: Refusal.self) {
            try await pool.write { connection in
                try connection.execute("INSERT INTO t VALUES ($1)", [.int(1)])
                throw Refusal()
            }
        }
        #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(0))
        await pool.close()
    }

    @Test("a violated constraint is a constraint error with PostgreSQL's code and without the row's values")
    func uniqueViolation() async throws {
        let pool = try await makePool()
        try await pool.write { try $0.script("CREATE TABLE people (email text CONSTRAINT one_person UNIQUE)") }
        let error = try await storeError {
            try await pool.write { connection in
                for _ in 1...2 { try connection.execute("INSERT INTO people VALUES ($1)", [.text("ann@example.org")]) }
            }
        }
        #expect(error.code == .constraint)
        #expect(error.sqlState == "23505")
        #expect(error.message.contains("one_person"))
        #expect(!error.message.contains("ann@"))
        await pool.close()
    }

    @Test("a write whose closure ignored a failure does not count as committed")
    func swallowedFailure() async throws {
        let pool = try await makePool()
        try await pool.write { try $0.script("CREATE TABLE t (n integer PRIMARY KEY)") }
        let error = try await storeError {
            try await pool.write { connection in
                try connection.execute("INSERT INTO t VALUES (1)", [])
                _ = try? connection.execute("INSERT INTO t VALUES (1)", [])
            }
        }
        #expect(error.code == .constraint)
        #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(0))
        await pool.close()
    }

    @Test("a deferred constraint, checked at COMMIT, fails the write")
    func deferredRule() async throws {
        let pool = try await makePool()
        try await pool.write { try $0.script("CREATE TABLE t (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)") }
        let error = try await storeError {
            try await pool.write { try $0.script("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)") }
        }
        #expect(error.code == .constraint)
        try await pool.ping()
        await pool.close()
    }

    @Test("a read cannot write")
    func readOnly() async throws {
        let pool = try await makePool()
        try await pool.write { try $0.script("CREATE TABLE t (n integer)") }
        let error = try await storeError {
            _ = try await pool.read { try $0.execute("INSERT INTO t VALUES (1)", []) }
        }
        #expect(error.sqlState == "25006")
        await pool.close()
    }

    @Test("a statement prepared before a change of the table is prepared again")
    func changedTable() async throws {
        let pool = try await makePool()
        try await pool.write { try $0.script("CREATE TABLE t (a integer); INSERT INTO t VALUES (1)") }
        let before = try await pool.read { try $0.query("SELECT * FROM t", []) }
        #expect(before.first?.columns.names == ["a"])
        try await pool.write { try $0.script("ALTER TABLE t ADD COLUMN b text DEFAULT 'new'") }
        let after = try await pool.read { try $0.query("SELECT * FROM t", []) }
        #expect(after.first?.values == [.int(1), .text("new")])
        await pool.close()
    }

    @Test("statements that the session has deallocated are prepared again")
    func discardedStatements() async throws {
        let pool = try await makePool()
        #expect(try await pool.scalar("SELECT 41 + $1::integer", [.int(1)]) == .int(42))
        try await pool.write { try $0.script("DEALLOCATE ALL") }
        #expect(try await pool.scalar("SELECT 41 + $1::integer", [.int(2)]) == .int(43))
        await pool.close()
    }

    @Test("a session keeps no more prepared statements than the limit")
    func boundedStatements() async throws {
        let pool = try await makePool { $0.preparedStatements = 3 }
        for number in 1...20 {
            #expect(try await pool.scalar("SELECT \(number)") == .int(Int64(number)))
        }
        // The view lists the query itself too, and an evicted statement until its DEALLOCATE is sent.
        guard case .int(let kept) = try await pool.scalar("SELECT count(*) FROM pg_prepared_statements") else {
            Issue.record("no count")
            return
        }
        #expect((1...4).contains(kept))
        await pool.close()
    }

    @Test("of two writes in a deadlock both succeed in the end")
    func deadlock() async throws {
        let pool = try await makePool(connections: 2)
        try await pool.write { connection in
            try connection.script("CREATE TABLE t (id integer PRIMARY KEY, n integer)")
            try connection.script("INSERT INTO t VALUES (1, 0), (2, 0)")
        }
        let locked = NIOLockedValueBox<Set<Int64>>([])
        let tries = NIOLockedValueBox(0)
        try await withThrowingTaskGroup { group in
            for (first, second) in [(Int64(1), Int64(2)), (2, 1)] {
                group.addTask {
                    try await pool.write { connection in
                        tries.withLockedValue { $0 += 1 }
                        try connection.execute("UPDATE t SET n = n + 1 WHERE id = $1", [.int(first)])
                        locked.withLockedValue { _ = $0.insert(first) }
                        // The wait blocks the pool's thread; from the second attempt on both are in the set.
                        let deadline = ContinuousClock.now + .seconds(10)
                        while locked.withLockedValue({ $0.count < 2 }), ContinuousClock.now < deadline {
                            Thread.sleep(forTimeInterval: 0.005)
                        }
                        try connection.execute("UPDATE t SET n = n + 1 WHERE id = $1", [.int(second)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await pool.scalar("SELECT sum(n) FROM t") == .int(4))
        #expect(tries.withLockedValue { $0 } > 2)
        await pool.close()
    }

    @Test("retries of serialisation failures are bounded")
    func boundedRetries() async throws {
        let pool = try await makePool { $0.transactionRetries = 2 }
        let tries = NIOLockedValueBox(0)
        let error = try await storeError {
            try await pool.write { connection in
                tries.withLockedValue { $0 += 1 }
                try connection.script("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
            }
        }
        #expect(error.code == .busy)
        #expect(tries.withLockedValue { $0 } == 3)
        await pool.close()
    }

    @Test("a stalled process does not keep the rows that its transaction has locked")
    func standstill() async throws {
        let pool = try await makePool {
            $0.idleInTransactionTimeout = .milliseconds(200)
            $0.connections = 2
        }
        try await pool.write { try $0.script("CREATE TABLE locked AS SELECT 1 AS id") }
        let error = try await storeError {
            try await pool.write { connection in
                _ = try connection.query("SELECT id FROM locked FOR UPDATE", [])
                // The job's thread sleeps, as all threads of a stopped process do.
                usleep(1_000_000)
                _ = try connection.query("SELECT 1", [])
            }
        }
        #expect(error.code == .unavailable)
        let rows = try await pool.write { try $0.query("SELECT id FROM locked FOR UPDATE NOWAIT", []) }
        #expect(rows.count == 1)
        await pool.close()
    }

    @Test("the server's statement_timeout is a timeout")
    func statementTimeout() async throws {
        let pool = try await makePool { $0.statementTimeout = .milliseconds(200) }
        let error = try await storeError { _ = try await pool.scalar("SELECT pg_sleep(60)") }
        #expect(error.code == .timeout)
        try await pool.ping()
        await pool.close()
    }
}
