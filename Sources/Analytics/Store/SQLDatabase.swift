/// A parameter of a statement or a value of a result.
package enum SQLValue: Sendable, Hashable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    /// `boolean` in PostgreSQL, 0 and 1 in SQLite.
    case bool(Bool)
}

/// One row of a result. The rows of a result share their columns.
package struct SQLRow: Sendable {
    package let columns: SQLColumns
    /// In the order of the columns.
    package let values: [SQLValue]

    package init(columns: SQLColumns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of that column; `.null` if there is no such column.
    package subscript(_ name: String) -> SQLValue {
        guard let index = columns.index[name], index < values.count else { return .null }
        return values[index]
    }

    /// Text, or a number as text; nil for NULL, other types and an unknown column.
    package func text(_ name: String) -> String? {
        switch self[name] {
        case .text(let value): value
        case .int(let value): String(value)
        case .double(let value): String(value)
        default: nil
        }
    }

    /// An integer, also from a boolean (1, 0), a whole double or decimal text; else nil.
    package func int(_ name: String) -> Int64? {
        switch self[name] {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        case .double(let value): Int64(exactly: value)
        case .text(let value): Int64(value)
        default: nil
        }
    }

    /// A double, also from an integer or decimal text; else nil.
    package func double(_ name: String) -> Double? {
        switch self[name] {
        case .double(let value): value
        case .int(let value): Double(value)
        case .text(let value): Double(value)
        default: nil
        }
    }

    /// A boolean, also from an integer (0 is false); else nil.
    package func bool(_ name: String) -> Bool? {
        switch self[name] {
        case .bool(let value): value
        case .int(let value): value != 0
        default: nil
        }
    }

    /// Bytes; nil for other types, NULL and an unknown column.
    package func bytes(_ name: String) -> [UInt8]? {
        if case .bytes(let value) = self[name] { value } else { nil }
    }
}

/// The names of a result's columns and the index of each name; of equal names the first.
package final class SQLColumns: Sendable {
    package let names: [String]
    /// The index of a name; of equal names the first.
    package let index: [String: Int]

    package init(_ names: [String]) {
        self.names = names
        index = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// The SQL dialect of a database. Statements are written once, for PostgreSQL with `$1` placeholders; the dialect
/// supplies what differs.
package enum SQLDialect: Sendable, Hashable {
    case postgres
    case sqlite
}

/// A connection inside ``SQLDatabase/read(_:)``, ``SQLDatabase/write(_:)`` or ``SQLDatabase/autocommit(_:)``. Calls
/// block the database's own thread; a connection must not leave the closure.
package protocol SQLConnection {
    var dialect: SQLDialect { get }
    /// Runs one statement and returns its rows. Placeholders are `$1` to `$n`. Throws ``StoreError``.
    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]
    /// Runs one statement and returns the number of rows it changed. Throws ``StoreError``.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int
    /// Runs one statement whose result is not needed: it may be sent with the next one or with COMMIT in one round
    /// trip, and its error is then thrown there. Throws ``StoreError`` for values that cannot be sent.
    func enqueue(_ sql: String, _ values: [SQLValue]) throws
    /// Runs several statements without values, as in a migration. Throws ``StoreError``.
    func script(_ sql: String) throws
}

extension SQLConnection {
    /// Runs the statement at once; for databases without round trips.
    package func enqueue(_ sql: String, _ values: [SQLValue]) throws { try execute(sql, values) }
}

/// A database, PostgreSQL over libpq or SQLite over GRDB, that runs closures on its connections.
package protocol SQLDatabase: Sendable {
    var dialect: SQLDialect { get }
    /// Runs the closure on a connection for reading. Throws ``StoreError`` or what the closure throws.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
    /// Runs the closure as one transaction: committed when it returns, rolled back when it throws. The closure may run
    /// more than once (after a serialisation failure, or a connection lost before COMMIT), so its only effects must be
    /// statements on the connection. Throws ``StoreError`` or what the closure throws.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
    /// Runs the closure without a transaction around it, for a single statement: a third of the round trips of
    /// ``write(_:)``. Each further statement would be a transaction of its own. If the connection is lost during a
    /// statement, `.commitUnknown` is thrown. Throws ``StoreError`` or what the closure throws.
    func autocommit<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws
        -> Value
    /// Throws ``StoreError`` if the database does not answer.
    func ping() async throws
    /// The same database with a time limit for each call: after `limit` a call is stopped and throws `.timeout`; its
    /// work has happened or has not.
    func withTimeout(_ limit: Duration) -> any SQLDatabase
    /// Finishes the work in progress, closes every connection and ends the threads. Later calls throw `.closed`.
    func close() async
}

extension SQLDatabase {
    package func withTimeout(_ limit: Duration) -> any SQLDatabase { TimeoutDatabase(self, limit) }
}
