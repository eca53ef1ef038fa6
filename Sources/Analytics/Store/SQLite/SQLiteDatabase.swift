import Foundation
import GRDB

/// The store in one SQLite file: GRDB's pool in WAL mode, with one writer and several readers.
package final class SQLiteDatabase: SQLDatabase {
    package var dialect: SQLDialect { .sqlite }
    private let pool: DatabasePool

    /// Opens the file; creates it and the folders above it if missing. Throws ``StoreError`` with the path and the
    /// reason.
    ///
    /// - Parameter busyTimeout: how long a statement waits for the write lock of another process before `.busy`.
    package init(path: String, busyTimeout: Duration = .seconds(5)) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        var configuration = Configuration()
        configuration.label = "omni.analytics.sqlite"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyTimeout / .seconds(1))
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL, under which acknowledged commits may be lost: "a transaction committed in WAL mode with
            // synchronous=NORMAL might roll back following a power loss" (sqlite.org/pragma.html#pragma_synchronous).
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch let error as DatabaseError {
            let cause = StoreError(sqlite: error)
            throw StoreError(cause.code, "the store \(path) cannot be opened: \(cause.message)")
        } catch {
            throw StoreError(
                .unavailable, "the folder of the store \(path) cannot be made: \(error.localizedDescription)")
        }
    }

    /// Runs the closure in one snapshot on a reader connection. See ``SQLDatabase/read(_:)``.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await mapped { try await pool.read { try body(GRDBConnection($0)) } }
    }

    /// Runs the closure as one transaction on the writer connection. See ``SQLDatabase/write(_:)``.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await mapped { try await pool.write { try body(GRDBConnection($0)) } }
    }

    /// The same as ``write(_:)``: without round trips a transaction costs little.
    package func autocommit<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await write(body)
    }

    package func ping() async throws {
        _ = try await read { try $0.query("SELECT 1 FROM sqlite_schema LIMIT 1", []) }
    }

    /// Waits for the work in progress, then closes the file; the last connection checkpoints the WAL into it.
    package func close() async {
        // `close` blocks its thread until the connections are idle; the asynchronous barrier first keeps that short.
        try? await pool.barrierWriteWithoutTransaction { _ in }
        try? pool.close()
    }

    private func mapped<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw StoreError(sqlite: error)
        } catch is CancellationError {
            throw StoreError(.cancelled, "the work on the store was cancelled")
        }
    }
}

/// Adapts GRDB's connection to ``SQLConnection``. Valid inside the closure that receives it.
private struct GRDBConnection: SQLConnection {
    private let database: GRDB.Database

    init(_ database: GRDB.Database) { self.database = database }

    var dialect: SQLDialect { .sqlite }

    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
        try mapped {
            let statement = try prepare(sql, values)
            let columns = SQLColumns(statement.columnNames)
            let cursor = try Row.fetchCursor(statement)
            var rows: [SQLRow] = []
            while let row = try cursor.next() {
                rows.append(SQLRow(columns: columns, values: row.databaseValues.map(SQLValue.init(sqlite:))))
            }
            return rows
        }
    }

    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int {
        try mapped {
            try prepare(sql, values).execute()
            return database.changesCount
        }
    }

    func script(_ sql: String) throws {
        try mapped { try database.execute(sql: sql) }
    }

    private func prepare(_ sql: String, _ values: [SQLValue]) throws -> GRDB.Statement {
        let statement = try database.cachedStatement(sql: SQLitePlaceholders.numbered(sql))
        try statement.setArguments(StatementArguments(values.map(\.sqlite)))
        return statement
    }

    private func mapped<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(sqlite: error)
        }
    }
}

extension SQLValue {
    fileprivate init(sqlite value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let value): .int(value)
            case .double(let value): .double(value)
            case .string(let value): .text(value)
            case .blob(let value): .bytes([UInt8](value))
            }
    }

    fileprivate var sqlite: (any DatabaseValueConvertible)? {
        switch self {
        case .null: nil
        case .int(let value): value
        case .double(let value): value
        case .text(let value): value
        case .bytes(let value): Data(value)
        case .bool(let value): value
        }
    }
}

extension StoreError {
    /// Maps GRDB's error. SQLite's messages name tables and columns, never values.
    fileprivate init(sqlite error: DatabaseError) {
        let code: Code =
            switch error.resultCode.primaryResultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_CONSTRAINT: .constraint
            case .SQLITE_INTERRUPT, .SQLITE_ABORT: .cancelled
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_PERM: .unavailable
            case .SQLITE_MISUSE: .closed
            default: .other
            }
        self.init(code, error.message ?? "SQLite error \(error.resultCode.rawValue)")
    }
}
