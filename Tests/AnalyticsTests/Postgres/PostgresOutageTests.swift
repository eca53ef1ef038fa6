import Analytics
import Bridge
import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@Suite("PostgreSQL outages", .timeLimit(.minutes(3)))
struct PostgresOutageTests {
    @Test("while the server is stopped work fails soon with a clear error, and it succeeds once the server runs again")
    func stoppedServer() async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        let url = cluster.url.replacingOccurrences(of: "omni@", with: "omni:hunter2@")
        let pool = try await makePool(url: url, connections: 3) { $0.waitLimit = .seconds(3) }
        // The limit applies to the first job too, which may have to wait for the connection.
        try await eventually("it is connected") { (try? await pool.ping()) != nil }
        try await pool.write { try $0.script("CREATE TABLE t (n integer); INSERT INTO t VALUES (7)") }

        try await cluster.stop()
        let start = ContinuousClock.now
        let error = try await storeError { try await pool.ping() }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("cannot be reached"))
        #expect(!error.message.contains("hunter2"))
        #expect(ContinuousClock.now - start < .seconds(20))

        try await cluster.start()
        try await eventually("the pool heals") {
            do {
                return try await pool.scalar("SELECT n FROM t") == .int(7)
            } catch let error as StoreError where [.unavailable, .busy].contains(error.code) {
                return false
            }
        }
        await pool.close()
        try await cluster.stop()
    }

    @Test(
        "a server restart between two jobs does not affect the second one",
        arguments: [PrivatePostgres.StopMode.fast, .immediate])
    func restartedServer(mode: PrivatePostgres.StopMode) async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        let pool = try await makePool(url: cluster.url, connections: 2)
        try await pool.write { try $0.script("CREATE TABLE t (n integer)") }
        try await cluster.restart(mode)
        let inserted = try await pool.write { try $0.execute("INSERT INTO t VALUES (1)", []) }
        #expect(inserted == 1)
        #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(1))
        await pool.close()
        try await cluster.stop()
    }

    @Test("a write whose connection is lost before COMMIT is run once more on a new one")
    func lostOnce() async throws {
        let pool = try await makePool()
        try await pool.write { try $0.script("CREATE TABLE t (n integer)") }
        let tries = NIOLockedValueBox(0)
        try await pool.write { connection in
            try connection.execute("INSERT INTO t VALUES (1)", [])
            let number = tries.withLockedValue { count in
                count += 1
                return count
            }
            if number == 1 { _ = try connection.query("SELECT pg_terminate_backend(pg_backend_pid())", []) }
        }
        #expect(tries.withLockedValue { $0 } == 2)
        #expect(try await pool.scalar("SELECT count(*) FROM t") == .int(1))
        await pool.close()
    }

    @Test("a session terminated by another one during a statement is replaced")
    func terminatedFromOutside() async throws {
        let url = try await PrivatePostgres.database()
        let (pool, watcher) = (try await makePool(url: url), try await makePool(url: url))
        try await withThrowingTaskGroup { group in
            let tries = NIOLockedValueBox(0)
            group.addTask {
                try await pool.read { connection in
                    let number = tries.withLockedValue { count in
                        count += 1
                        return count
                    }
                    _ = try connection.query("SELECT pg_sleep($1)", [.double(number == 1 ? 600 : 0)])
                    #expect(number == 2)
                }
            }
            try await eventually("it sleeps") { try await watcher.sessions(running: "pg_sleep") == 1 }
            let ended = try await watcher.scalar(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()
                """)
            #expect(ended == .bool(true))
            try await group.waitForAll()
        }
        await pool.close()
        await watcher.close()
    }

    @Test("a write whose connection is lost repeatedly fails as unavailable")
    func lostAlways() async throws {
        let pool = try await makePool()
        let tries = NIOLockedValueBox(0)
        let error = try await storeError {
            try await pool.write { connection in
                tries.withLockedValue { $0 += 1 }
                _ = try connection.query("SELECT pg_terminate_backend(pg_backend_pid())", [])
            }
        }
        #expect(error.code == .unavailable)
        #expect(tries.withLockedValue { $0 } == 2)
        try await pool.ping()
        await pool.close()
    }

    @Test("a connection lost during COMMIT leaves the outcome unknown, and the write is not repeated")
    func lostDuringCommit() async throws {
        let url = try await PrivatePostgres.database()
        let (pool, watcher) = (try await makePool(url: url), try await makePool(url: url))
        try await pool.write { connection in
            try connection.script(
                """
                CREATE TABLE t (n integer);
                CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION dawdle()
                """)
        }
        let tries = NIOLockedValueBox(0)
        let error = try await storeError {
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await pool.write { connection in
                        tries.withLockedValue { $0 += 1 }
                        try connection.script("INSERT INTO t VALUES (1)")
                    }
                }
                try await eventually("it commits and loses its connection") {
                    try await watcher.scalar(
                        """
                        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                        WHERE query = 'COMMIT' AND state = 'active' AND datname = current_database()
                        """) == .int(1)
                }
                try await group.next()
            }
        }
        #expect(error.code == .commitUnknown)
        #expect(tries.withLockedValue { $0 } == 1)
        await pool.close()
        await watcher.close()
    }

    @Test("a database that does not exist is unavailable, with the server's reason")
    func missingDatabase() async throws {
        let url = try await PrivatePostgres.database()
        var parts = try #require(URLComponents(string: url))
        parts.path = "/nowhere"
        let pool = try await makePool(url: parts.string) { $0.waitLimit = .seconds(5) }
        let error = try await storeError { try await pool.ping() }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("nowhere"))
        await pool.close()
    }
}
