import Analytics
import Bridge
import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@Suite("PostgreSQL pool", .timeLimit(.minutes(2)))
struct PostgresPoolTests {
    @Test("64 tasks share four connections and every write is committed")
    func manyTasks() async throws {
        let pool = try await makePool(connections: 4)
        try await pool.write { try $0.script("CREATE TABLE t (task integer, backend integer)") }
        try await withThrowingTaskGroup { group in
            for task in 0..<64 {
                group.addTask {
                    for _ in 0..<10 {
                        _ = try await pool.write { connection in
                            try connection.execute("INSERT INTO t VALUES ($1, pg_backend_pid())", [.int(Int64(task))])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(640))
        #expect(try await pool.scalar("SELECT count(DISTINCT task) FROM t") == .int(64))
        #expect(try await pool.scalar("SELECT count(DISTINCT backend) BETWEEN 1 AND 4 FROM t") == .bool(true))
        await pool.close()
    }

    @Test("5,000 queries leak no descriptors")
    func descriptors() async throws {
        func open() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        let pool = try await makePool(connections: 2)
        try await pool.ping()
        let before = try open()
        for number in 0..<5_000 {
            let value = try await pool.scalar("SELECT $1::bigint", [.int(Int64(number))])
            try #require(value == .int(Int64(number)))
        }
        // Other tests of the process have a few hundred open at most; a leak would be thousands.
        #expect(try open() - before < 1_000)
        await pool.close()
    }

    @Test("a job that gets no connection in time fails as busy")
    func busy() async throws {
        let url = try await PrivatePostgres.database()
        let pool = try await makePool(url: url) { $0.waitLimit = .seconds(1) }
        let watcher = try await makePool(url: url)
        // The limit applies to the first job too, which may have to wait for the connection.
        try await eventually("it is connected") { (try? await pool.ping()) != nil }
        let error = try await storeError {
            try await withThrowingTaskGroup { group in
                defer { group.cancelAll() }
                group.addTask { _ = try await pool.scalar("SELECT pg_sleep(600)") }
                try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
                try await pool.ping()
            }
        }
        #expect(error.code == .busy)
        await pool.close()
        await watcher.close()
    }

    @Test("waiting jobs above the limit are refused at once")
    func overfull() async throws {
        let url = try await PrivatePostgres.database()
        let pool = try await makePool(url: url) { $0.maximumWaiting = 0 }
        let error = try await storeError { try await pool.ping() }
        #expect(error.code == .busy)
        await pool.close()
    }

    @Test("close lets accepted jobs finish, ends the sessions and refuses later jobs")
    func closeDrains() async throws {
        let url = try await PrivatePostgres.database()
        let pool = try await makePool(url: url) { $0.closeGrace = .seconds(60) }
        let watcher = try await makePool(url: url)
        try await watcher.ping()
        try await pool.write { try $0.script("CREATE TABLE t (n integer)") }
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await pool.write { connection in
                    _ = try connection.query("SELECT pg_sleep(2)", [])
                    try connection.execute("INSERT INTO t VALUES (1)", [])
                }
            }
            try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
            await pool.close()
            try await group.waitForAll()
        }
        #expect(try await watcher.scalar("SELECT count(*) FROM t") == .int(1))
        try await eventually("its session is gone") {
            try await watcher.scalar(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND backend_type = 'client backend'
                """) == .int(1)
        }
        let error = try await storeError { try await pool.ping() }
        #expect(error.code == .closed)
        await pool.close()
        await watcher.close()
    }

    @Test("close cancels jobs that do not end in time, and fails the waiting ones")
    func closeWithWaitingJobs() async throws {
        let url = try await PrivatePostgres.database()
        let pool = try await makePool(url: url) { $0.closeGrace = .milliseconds(300) }
        let watcher = try await makePool(url: url)
        let ran = NIOLockedValueBox(0)
        let codes = try await withThrowingTaskGroup(of: StoreError.Code.self) { group in
            group.addTask { try await storeError { _ = try await pool.scalar("SELECT pg_sleep(600)") }.code }
            try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
            for _ in 1...3 {
                group.addTask {
                    try await storeError { try await pool.write { _ in ran.withLockedValue { $0 += 1 } } }.code
                }
            }
            await pool.close()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == .cancelled }.count == 1)
        #expect(codes.filter { $0 == .closed }.count == 3)
        #expect(ran.withLockedValue { $0 } == 0)
        await watcher.close()
    }

    @Test("close does not wait for a server that is stopped")
    func closeWhileAway() async throws {
        let pool = try await makePool(url: "postgresql://omni@/none?host=/nonexistent")
        let error = try await storeError {
            try await withThrowingTaskGroup { group in
                group.addTask { try await pool.ping() }
                await pool.close()
                try await group.next()
            }
        }
        #expect(error.code == .closed)
    }
}
