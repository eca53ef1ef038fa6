import Bridge
import Foundation

/// A value to store in a column, with the column's type.
enum ColumnValue: Sendable {
    case text(String?)
    case int(Int64?)
    case bool(Bool?)
    case time(Date?)
    case json(JSONValue?)
    case strings([String]?)
    case address(String?)
    case bytes([UInt8]?)

    var type: ColumnType {
        switch self {
        case .text: .text
        case .int: .integer
        case .bool: .boolean
        case .time: .time
        case .json: .json
        case .strings: .strings
        case .address: .address
        case .bytes: .bytes
        }
    }

    /// The value as a parameter: times, JSON, lists and addresses as text.
    var value: SQLValue {
        switch self {
        case .text(let text): text.map { .text($0.storable) } ?? .null
        case .int(let number): number.map { .int($0) } ?? .null
        case .bool(let flag): flag.map { .bool($0) } ?? .null
        case .time(let time): time.map { .text(Timestamp.text($0)) } ?? .null
        case .json(let json): json.map { .text($0.storableText) } ?? .null
        case .strings(let list):
            list.map { .text(JSONValue.array($0.map { .string($0.storable) }).text()) } ?? .null
        case .address(let address): address.map { .text($0) } ?? .null
        case .bytes(let bytes): bytes.map { .bytes($0) } ?? .null
        }
    }
}

/// Collects the values of a statement: each value takes the next placeholder.
struct SQLStatement: Sendable {
    private let dialect: SQLDialect
    private(set) var values: [SQLValue] = []

    init(_ dialect: SQLDialect) { self.dialect = dialect }

    /// Adds the value and returns its placeholder for the SQL text.
    mutating func bind(_ field: ColumnValue) -> String {
        values.append(field.value)
        return dialect.placeholder(values.count, field.type)
    }

    /// Adds texts and returns their placeholders for `IN (…)`; without texts a list that contains nothing.
    mutating func list(_ texts: [String]) -> String {
        texts.isEmpty ? "NULL" : texts.map { bind(.text($0)) }.joined(separator: ", ")
    }

    /// Runs `INSERT INTO table (…) VALUES (…)` and `tail` (`ON CONFLICT …`). Returns the number of rows.
    @discardableResult
    static func insert(
        into table: String, _ fields: [(String, ColumnValue)], _ tail: String = "", on connection: any SQLConnection
    ) throws -> Int {
        let (sql, values) = inserting(into: table, fields, tail, connection.dialect)
        return try connection.execute(sql, values)
    }

    /// The same, without the number of rows; see ``SQLConnection/enqueue(_:_:)``.
    static func insertLater(
        into table: String, _ fields: [(String, ColumnValue)], _ tail: String = "", on connection: any SQLConnection
    ) throws {
        let (sql, values) = inserting(into: table, fields, tail, connection.dialect)
        try connection.enqueue(sql, values)
    }

    private static func inserting(
        into table: String, _ fields: [(String, ColumnValue)], _ tail: String, _ dialect: SQLDialect
    ) -> (sql: String, values: [SQLValue]) {
        var statement = SQLStatement(dialect)
        let places = fields.map { statement.bind($0.1) }.joined(separator: ", ")
        let columns = fields.map(\.0).joined(separator: ", ")
        return ("INSERT INTO \(table) (\(columns)) VALUES (\(places)) \(tail)", statement.values)
    }
}

extension String {
    /// True if it contains U+0000.
    var hasNull: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }

    /// The text with U+FFFD for U+0000, which PostgreSQL's text cannot hold (its manual, 8.3).
    var storable: String { hasNull ? String(map { $0 == "\0" ? "\u{FFFD}" : $0 }) : self }
}

extension JSONValue {
    /// JSON text with U+FFFD for U+0000, which `jsonb` cannot hold (PostgreSQL's manual, 8.14).
    var storableText: String {
        let text = text()
        return Self.hasNull(in: text) ? storable.text() : text
    }

    /// True if a JSON text contains U+0000, which in JSON is always the escape `\u0000`.
    private static func hasNull(in text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            var rest = bytes[...]
            while let escape = rest.firstIndex(of: UInt8(ascii: "\\")) {
                if bytes[escape...].starts(with: #"\u0000"#.utf8) { return true }
                // The character after a backslash begins no other escape.
                rest = bytes[min(escape + 2, bytes.count)...]
            }
            return false
        } ?? true
    }

    private var storable: JSONValue {
        switch self {
        case .string(let text): .string(text.storable)
        case .array(let elements): .array(elements.map(\.storable))
        case .object(let members):
            .object(JSONObject(members.map { ($0.key.storable, $0.value.storable) }, uniquingKeysWith: { $1 }))
        default: self
        }
    }
}

extension SQLRow {
    /// A column that was selected with ``SQLDialect/selected(_:_:)``; nil (or empty) for NULL, an unknown column and
    /// other formats.
    func time(_ name: String) -> Date? { text(name).flatMap(Timestamp.date) }
    func json(_ name: String) -> JSONValue? { text(name).flatMap { try? JSONValue(parsing: $0) } }
    func strings(_ name: String) -> [String] { json(name)?.array?.compactMap(\.string) ?? [] }
    func ulid(_ name: String) -> ULID? { text(name).flatMap { ULID($0) } }
}
