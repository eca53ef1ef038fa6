import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The schema", .timeLimit(.minutes(3)))
struct MigrationTests {
    @Test("a second migration changes nothing", arguments: Backend.allCases)
    func idempotent(_ backend: Backend) async throws {
        try await backend.withStore { store in
            #expect(try await store.schemaVersion() == Migrations.latest)
            let applied = try await store.migrate()
            #expect(applied.isEmpty)
            #expect(try await store.schemaVersion() == Migrations.latest)
        }
    }

    @Test("of four processes that start at once one migrates and all continue", arguments: Backend.allCases)
    func concurrent(_ backend: Backend) async throws {
        try await backend.withLocation { location in
            let stores = try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try await Store.open(location) } }
                return try await group.reduce(into: [Store]()) { $0.append($1) }
            }
            for store in stores { #expect(try await store.schemaVersion() == Migrations.latest) }
            let rows = try await stores[0].database.read { try $0.query("SELECT version FROM schema_version", []) }
            #expect(rows.count == Migrations.all.count)
            for store in stores { await store.close() }
        }
    }

    @Test("a schema newer than the program is refused, with a hint", arguments: Backend.allCases)
    func newer(_ backend: Backend) async throws {
        try await backend.withLocation { location in
            let store = try await Store.open(location)
            try await store.database.write {
                try $0.script("INSERT INTO schema_version (version, description) VALUES (99, 'of tomorrow')")
            }
            await store.close()
            let error = await #expect(throws: StoreError.self) { _ = try await Store.open(location) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("version 99") == true && error?.message.contains("newer omni") == true)
        }
    }

    @Test("tables of the original system are not changed", arguments: Backend.allCases)
    func foreign(_ backend: Backend) async throws {
        try await backend.withLocation { location in
            let empty = try await Store.open(location)
            try await empty.database.write { connection in
                let cascade = connection.dialect == .postgres ? " CASCADE" : ""
                for table in ["approvals", "feedback", "posts", "question_steps", "questions"] {
                    try connection.script("DROP TABLE \(table)\(cascade)")
                }
            }
            await empty.close()
            let error = await #expect(throws: StoreError.self) { _ = try await Store.open(location) }
            #expect(error?.message.contains("another program") == true)
        }
    }

    @Test("without a schema the store asks for init-db unless it may migrate", arguments: Backend.allCases)
    func missing(_ backend: Backend) async throws {
        try await backend.withLocation { location in
            let error = await #expect(throws: StoreError.self) { _ = try await Store.open(location, migrating: false) }
            #expect(error?.message.contains("omni init-db") == true)
        }
    }

    @Test("both databases have the same tables, views and columns")
    func sameColumns() async throws {
        let names = try await columns(.sqlite)
        let others = try await columns(.postgres)
        #expect(names == others)
        #expect(names.contains("audit_logs.cost_nano") && names.contains("v_tool_usage.success_rate_pct"))
    }

    private func columns(_ backend: Backend) async throws -> [String] {
        var names: [String] = []
        try await backend.withStore { store in
            let sql =
                switch backend {
                case .postgres:
                    """
                    SELECT table_name || '.' || column_name AS name FROM information_schema.columns
                    WHERE table_schema = 'public' AND table_name NOT SIMILAR TO '(audit_logs|tool_calls)_[0-9]+_[0-9]+'
                    """
                case .sqlite:
                    """
                    SELECT objects.name || '.' || columns.name AS name
                    FROM sqlite_schema AS objects, pragma_table_xinfo(objects.name) AS columns
                    WHERE objects.type IN ('table', 'view') AND objects.name NOT LIKE 'sqlite_%'
                    AND objects.name NOT LIKE 'audit_logs_search%'
                    """
                }
            let rows = try await store.database.read { try $0.query(sql, []) }
            names = rows.compactMap { $0.text("name") }.filter { $0 != "audit_logs.search_vector" }.sorted()
        }
        return names
    }

    @Test("the partition of a month next year is created when it is needed")
    func partitions() async throws {
        try await Backend.postgres.withStore { store in
            let nextYear = Date().addingTimeInterval(400 * 86_400)
            let name = "audit_logs_\(Partitions.suffix(Timestamp.month(of: nextYear)))"
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            let finished = FinishedQuestion(
                question, outcome: Samples.answered(calls: [Samples.call("1")]), finishedAt: nextYear)
            #expect(try await store.finish(finished, claim))
            let homes = try await store.database.read {
                try $0.query("SELECT tableoid::regclass::text AS home FROM audit_logs", []).map { $0.text("home") }
            }
            #expect(homes == [name])
            try await store.ensurePartitions(for: nextYear)
        }
    }

    @Test("several processes may create the same partition at once")
    func partitionRace() async throws {
        try await Backend.postgres.withStores(4) { stores in
            let time = Date().addingTimeInterval(800 * 86_400)
            try await withThrowingTaskGroup { group in
                for store in stores { group.addTask { try await store.ensurePartitions(for: time) } }
                try await group.waitForAll()
            }
        }
    }
}
