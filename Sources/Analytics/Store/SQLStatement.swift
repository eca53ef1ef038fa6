import Bridge
import Foundation

/// One column's value on its way into the record.
enum ColumnValue: Sendable {
    case text(String?)
    case int(Int64?)
    case bool(Bool?)
    case time(Date?)
    case json(JSONValue?)
    case strings([String]?)
    case address(String?)

    var type: ColumnType {
        switch self {
        case .text: .text
        case .int: .integer
        case .bool: .boolean
        case .time: .time
        case .json: .json
        case .strings: .strings
        case .address: .address
        }
    }

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
        }
    }
}

/// A statement that is put together with its values: each value takes the next placeholder.
struct SQLStatement: Sendable {
    private let dialect: SQLDialect
    private(set) var values: [SQLValue] = []

    init(_ dialect: SQLDialect) { self.dialect = dialect }

    /// Takes the value in and gives the placeholder to write where it belongs.
    mutating func bind(_ field: ColumnValue) -> String {
        values.append(field.value)
        return dialect.placeholder(values.count, field.type)
    }

    /// `INSERT INTO table (…) VALUES (…)` and what follows it (`ON CONFLICT …`). Gives the number of rows.
    @discardableResult
    static func insert(
        into table: String, _ fields: [(String, ColumnValue)], _ tail: String = "", on connection: any SQLConnection
    ) throws -> Int {
        let (sql, values) = inserting(into: table, fields, tail, connection.dialect)
        return try connection.execute(sql, values)
    }

    /// The same, when the number of rows is known or nobody asks for it; see ``SQLConnection/later(_:_:)``.
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
    /// Whether U+0000 is in it.
    var hasNull: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }

    /// PostgreSQL's text cannot hold U+0000 (its manual, 8.3); a question that has one must be stored all the same.
    var storable: String { hasNull ? String(map { $0 == "\0" ? "\u{FFFD}" : $0 }) : self }
}

extension JSONValue {
    /// As text for `jsonb`, which cannot hold U+0000 either (its manual, 8.14).
    var storableText: String {
        let text = text()
        return Self.hasNull(in: text) ? storable.text() : text
    }

    /// Whether U+0000 is in a JSON text, where it is always an escape.
    private static func hasNull(in text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            var rest = bytes[...]
            while let escape = rest.firstIndex(of: UInt8(ascii: "\\")) {
                if bytes[escape...].starts(with: #"\u0000"#.utf8) { return true }
                // What a backslash escapes begins no other escape.
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
    func time(_ name: String) -> Date? { text(name).flatMap(Timestamp.date) }
    func json(_ name: String) -> JSONValue? { text(name).flatMap { try? JSONValue(parsing: $0) } }
    func strings(_ name: String) -> [String] { json(name)?.array?.compactMap(\.string) ?? [] }
    func ulid(_ name: String) -> ULID? { text(name).flatMap { ULID($0) } }
}
