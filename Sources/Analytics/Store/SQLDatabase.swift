/// A value on its way to or from the database.
package enum SQLValue: Sendable, Hashable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    /// `boolean` in PostgreSQL, 0 and 1 in SQLite.
    case bool(Bool)
}

/// One row of a result. Columns are shared between the rows of one result.
package struct SQLRow: Sendable {
    package let columns: SQLColumns
    package let values: [SQLValue]

    package init(columns: SQLColumns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value in that column; `.null` when there is no such column.
    package subscript(_ name: String) -> SQLValue {
        guard let index = columns.index[name], index < values.count else { return .null }
        return values[index]
    }

    package func text(_ name: String) -> String? {
        switch self[name] {
        case .text(let value): value
        case .int(let value): String(value)
        case .double(let value): String(value)
        default: nil
        }
    }

    package func int(_ name: String) -> Int64? {
        switch self[name] {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        case .double(let value): Int64(exactly: value)
        case .text(let value): Int64(value)
        default: nil
        }
    }

    package func double(_ name: String) -> Double? {
        switch self[name] {
        case .double(let value): value
        case .int(let value): Double(value)
        case .text(let value): Double(value)
        default: nil
        }
    }

    package func bool(_ name: String) -> Bool? {
        switch self[name] {
        case .bool(let value): value
        case .int(let value): value != 0
        default: nil
        }
    }
}

/// The names of a result's columns, with the way back from a name.
package final class SQLColumns: Sendable {
    package let names: [String]
    package let index: [String: Int]

    package init(_ names: [String]) {
        self.names = names
        index = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// Which SQL the other side speaks. Statements are written once, for PostgreSQL, with `$1` placeholders; what differs
/// is asked of the dialect.
package enum SQLDialect: Sendable, Hashable {
    case postgres
    case sqlite
}

/// A connection inside ``SQLDatabase/read(_:)`` or ``SQLDatabase/write(_:)``. Calls block the thread that the database
/// owns; a connection must not leave the closure.
package protocol SQLConnection {
    var dialect: SQLDialect { get }
    /// Runs one statement and gives its rows. Placeholders are `$1` to `$n`. Throws ``StoreError``.
    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]
    /// Runs one statement and gives the number of rows it changed. Throws ``StoreError``.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int
    /// Runs one statement whose outcome nobody asks for: with the next one, or with the commit, in the same round trip.
    /// Its error is thrown there. Throws ``StoreError`` for values that cannot be sent.
    func enqueue(_ sql: String, _ values: [SQLValue]) throws
    /// Runs several statements without values, as a migration is written. Throws ``StoreError``.
    func script(_ sql: String) throws
}

extension SQLConnection {
    /// At once, where there is no round trip to be saved.
    package func enqueue(_ sql: String, _ values: [SQLValue]) throws { try execute(sql, values) }
}

/// A database behind closures: PostgreSQL over libpq or SQLite over GRDB.
package protocol SQLDatabase: Sendable {
    var dialect: SQLDialect { get }
    /// Runs the closure on a connection for reading. Throws ``StoreError`` or what the closure throws.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
    /// Runs the closure as one transaction: committed when it returns, rolled back when it throws. It may run more
    /// than once (a serialisation failure, a connection lost before the commit), so it touches nothing but the
    /// connection. Throws ``StoreError`` or what the closure throws.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
    /// Runs the closure without a transaction round it, for one statement that is one by itself: a third of the round
    /// trips of ``write(_:)``. A second statement of the closure stands alone as well. When the connection is lost
    /// meanwhile, `.commitUnknown` is thrown. Throws ``StoreError`` or what the closure throws.
    func autocommit<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws
        -> Value
    /// Throws when the database does not answer now.
    func ping() async throws
    /// The same database for callers who wait no longer than `limit`: then they get `.timeout`, and what they asked for
    /// is stopped, and may have happened or not.
    func withTimeout(_ limit: Duration) -> any SQLDatabase
    /// Ends the work under way, closes every connection and joins the threads. Later calls throw `.closed`.
    func close() async
}

extension SQLDatabase {
    package func withTimeout(_ limit: Duration) -> any SQLDatabase { TimeoutDatabase(self, limit) }
}
