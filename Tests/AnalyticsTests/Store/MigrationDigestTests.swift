import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Digests of migrations", .timeLimit(.minutes(3)))
struct MigrationDigestTests {
    /// A database with an earlier version of the schema.
    static func database(_ location: StoreLocation, version: Int) async throws -> any SQLDatabase {
        let database: any SQLDatabase =
            switch location {
            case .sqlite(let path): try SQLiteDatabase(path: path)
            case .postgres(let url): PostgresDatabase(try PostgresConfiguration(url: url))
            }
        _ = try await Migrations.run(on: database, through: version)
        return database
    }

    @Test("a version that was made by other SQL is refused", arguments: Backend.allCases)
    func changed(_ backend: Backend) async throws {
        try await backend.withLocation { location in try await Self.change(location) }
    }

    private static func change(_ location: StoreLocation) async throws {
        let store = try await Store.open(location)
        let digests = try await store.database.read {
            try $0.query("SELECT digest FROM schema_version", []).compactMap { $0.text("digest") }
        }
        #expect(digests.count == Migrations.all.count && digests.allSatisfy { $0.utf8.count == 64 })
        #expect(Set(digests).count == digests.count)
        try await store.database.write {
            try $0.script("UPDATE schema_version SET digest = 'other' WHERE version = 2")
        }
        await store.close()
        for migrating in [true, false] {
            let error = await #expect(throws: StoreError.self) {
                _ = try await Store.open(location, migrating: migrating)
            }
            #expect(error?.code == .corrupt && error?.message.contains("version 2 of the store's schema") == true)
        }
    }

    @Test(
        "of two processes that find version 2 one migrates; the roll-ups are computed once; old versions get digests",
        arguments: Backend.allCases)
    func upgrade(_ backend: Backend) async throws {
        try await backend.withLocation { location in try await Self.upgrade(location) }
    }

    private static func upgrade(_ location: StoreLocation) async throws {
        let old = try await database(location, version: 2)
        let finished = FinishedQuestion(Samples.question(), outcome: Samples.answered(calls: [Samples.call("1")]))
        try await old.write { connection in
            let audit = AuditRow(finished)
            try Store.insert(audit, on: connection)
            for call in finished.calls { try Store.insert(call, at: audit.createdAt, on: connection) }
        }
        await old.close()
        let stores = try await withThrowingTaskGroup(of: Store.self) { group in
            for _ in 0..<2 { group.addTask { try await Store.open(location) } }
            return try await group.reduce(into: [Store]()) { $0.append($1) }
        }
        let missing = try await stores[0].database.read {
            try $0.query("SELECT version FROM schema_version WHERE digest IS NULL", []).count
        }
        #expect(missing == 0)
        #expect(try await stores[1].schemaVersion() == Migrations.latest)
        #expect(try await stores[0].rollupLines() == [])
        let done = try await withThrowingTaskGroup(of: Bool.self) { group in
            for (index, store) in stores.enumerated() {
                group.addTask {
                    let process = ProcessRow(name: "p\(index)", host: "localhost", pid: .max)
                    try await store.register(process)
                    let lease = try await store.claimJob("rollups", for: process, lease: .seconds(600))
                    guard lease != nil else { return false }
                    return try await store.ensureRollups()
                }
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(done.count { $0 } == 1)
        #expect(try await stores[1].rollupLines() == ExpectedRollups.lines([finished]))
        #expect(try await !stores[1].ensureRollups())
        for store in stores { await store.close() }
    }
}
