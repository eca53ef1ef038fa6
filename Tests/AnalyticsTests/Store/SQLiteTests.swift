import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("The embedded store", .timeLimit(.minutes(3)))
struct SQLiteTests {
    @Test("it syncs each commit to disk and enforces foreign keys")
    func pragmas() async throws {
        try await Backend.sqlite.withStore { store in
            let values = try await store.database.write { connection in
                try ["synchronous", "foreign_keys", "journal_mode"].map { name in
                    try connection.query("PRAGMA \(name)", []).first?.text(name)
                }
            }
            // synchronous: 2 is FULL.
            #expect(values == ["2", "1", "wal"])
        }
    }

    @Test("a file that is not a database is refused as corrupt")
    func notADatabase() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.url.appending(path: "omni.db")
        try Data(String(repeating: "no database ", count: 200).utf8).write(to: file)
        let error = await #expect(throws: StoreError.self) { _ = try await Store.open(.sqlite(file.path)) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(file.lastPathComponent) == true)
    }

    @Test("placeholders are numbered outside quotes only")
    func placeholders() {
        let sql = "SELECT '$1', \"$2\", 'it''s $3' WHERE a = $1 AND b = $10"
        #expect(SQLitePlaceholders.numbered(sql) == "SELECT '$1', \"$2\", 'it''s $3' WHERE a = ?1 AND b = ?10")
    }

    @Test("a second process on the same folder is refused, and may start when the first has ended")
    func lock() async throws {
        let parent = try TemporaryFolder()
        defer { parent.remove() }
        let folder = parent.url.appending(path: "data").path
        do {
            let first = try ProcessLock(folder: folder)
            let error = #expect(throws: StoreError.self) { _ = try ProcessLock(folder: folder) }
            #expect(error?.code == .busy)
            #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
            #expect(error?.message.contains(folder) == true)
            withExtendedLifetime(first) {}
        }
        // A child that another test has forked holds a copy of the descriptor until its exec.
        try await eventually("the lock is free") {
            do {
                _ = try ProcessLock(folder: folder)
                return true
            } catch let error as StoreError where error.code == .busy {
                return false
            }
        }
    }

    @Test("calls of a closed store fail as closed", arguments: Backend.allCases)
    func closed(_ backend: Backend) async throws {
        try await backend.withLocation { location in
            let store = try await Store.open(location)
            try await store.ping()
            await store.close()
            let error = await #expect(throws: StoreError.self) { try await store.ping() }
            #expect(error?.code == .closed)
        }
    }
}
