import Analytics
import Bridge
import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@Suite("PostgreSQL cancellation", .timeLimit(.minutes(2)))
struct PostgresCancellationTests {
    /// Runs the work in a task of its own, cancels it once the condition holds, and returns its error.
    private func errorWhenCancelled(
        once condition: () async throws -> Void, _ work: @escaping @Sendable () async throws -> Void
    ) async throws -> StoreError {
        try await storeError {
            try await withThrowingTaskGroup { group in
                group.addTask { try await work() }
                try await condition()
                group.cancelAll()
                try await group.next()
            }
        }
    }

    @Test("a cancelled task stops its statement on the server and rolls back")
    func runningStatement() async throws {
        let url = try await PrivatePostgres.database()
        let (pool, watcher) = (try await makePool(url: url), try await makePool(url: url))
        try await pool.write { try $0.script("CREATE TABLE t (n integer)") }
        let start = ContinuousClock.now
        let error = try await errorWhenCancelled {
            try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
        } _: {
            try await pool.write { connection in
                try connection.execute("INSERT INTO t VALUES (1)", [])
                _ = try connection.query("SELECT pg_sleep(600)", [])
            }
        }
        #expect(error.code == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(try await watcher.sessions(running: "pg_sleep") == 0)
        #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(0))
        await pool.close()
        await watcher.close()
    }

    @Test("a cancelled task's job leaves the queue without having run")
    func waitingJob() async throws {
        let url = try await PrivatePostgres.database()
        let (pool, watcher) = (try await makePool(url: url), try await makePool(url: url))
        let ran = NIOLockedValueBox(false)
        let blocker = try await errorWhenCancelled {
            try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
            let error = try await errorWhenCancelled(once: {}) {
                try await pool.write { _ in ran.withLockedValue { $0 = true } }
            }
            #expect(error.code == .cancelled)
            // The one connection still runs its long statement, so the error did not wait for it.
            #expect(try await watcher.sessions(running: "pg_sleep") == 1)
        } _: {
            _ = try await pool.scalar("SELECT pg_sleep(600)")
        }
        #expect(blocker.code == .cancelled)
        try await pool.ping()
        #expect(!ran.withLockedValue { $0 })
        await pool.close()
        await watcher.close()
    }

    @Test("a task cancelled before its call does not reach the database")
    func cancelledBefore() async throws {
        let pool = try await makePool()
        let ran = NIOLockedValueBox(false)
        let error = try await storeError {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { try await pool.write { _ in ran.withLockedValue { $0 = true } } }
                try await group.next()
            }
        }
        #expect(error.code == .cancelled)
        try await pool.ping()
        #expect(!ran.withLockedValue { $0 })
        await pool.close()
    }

    @Test("a cancellation between statements stops the closure at the next one")
    func betweenStatements() async throws {
        let pool = try await makePool()
        let reached = NIOLockedValueBox(false)
        let error = try await errorWhenCancelled {
            try await eventually("the closure runs") { reached.withLockedValue { $0 } }
        } _: {
            try await pool.write { connection in
                let deadline = ContinuousClock.now + .seconds(30)
                while ContinuousClock.now < deadline {
                    reached.withLockedValue { $0 = true }
                    _ = try connection.query("SELECT 1", [])
                }
            }
        }
        #expect(error.code == .cancelled)
        await pool.close()
    }

    @Test("a cancellation never reaches the next job of the same connection")
    func noStrayCancellation() async throws {
        let url = try await PrivatePostgres.database()
        let (pool, watcher) = (try await makePool(url: url), try await makePool(url: url))
        for _ in 1...20 {
            let error = try await errorWhenCancelled {
                try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
            } _: {
                _ = try await pool.scalar("SELECT pg_sleep(600)")
            }
            #expect(error.code == .cancelled)
            #expect(try await pool.scalar("SELECT 'awake'::text FROM pg_sleep(0.03)") == .text("awake"))
        }
        await pool.close()
        await watcher.close()
    }

    @Test("a server that does not react to the cancellation loses its connection, and the pool opens a new one")
    func deafServer() async throws {
        // A cluster of its own, since the server process must be on this machine to be stopped.
        let cluster = try await PrivatePostgres.Cluster.make()
        let url = try await cluster.database()
        let pool = try await makePool(url: url) { $0.cancelGrace = .milliseconds(300) }
        let watcher = try await makePool(url: url)
        guard case .int(let backend) = try await pool.scalar("SELECT pg_backend_pid()") else {
            Issue.record("no process id")
            return
        }
        let error = try await errorWhenCancelled {
            try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
            // Only the process of this one session, which the cluster started for this test.
            try #require(kill(pid_t(backend), SIGSTOP) == 0)
        } _: {
            _ = try await pool.scalar("SELECT pg_sleep(600)")
        }
        #expect(kill(pid_t(backend), SIGCONT) == 0)
        #expect(error.code == .cancelled)
        #expect(try await pool.scalar("SELECT pg_backend_pid() <> $1", [.int(backend)]) == .bool(true))
        await pool.close()
        await watcher.close()
        try await cluster.stop()
    }
}
