import Bridge
import GRDB
import OrderedCollections

/// A look into the operations database for one call: its arguments, checked, and its rows as answers.
struct ToolContext {
    let db: Database
    let now: Int
    let arguments: JSONValue

    // What the caller asked.

    func text(_ name: String) -> String? { arguments[name]?.string }

    func required(_ name: String) throws -> String {
        guard let text = text(name), !text.isEmpty else { throw CallProblem("\(name) is missing") }
        return text
    }

    func requiredNumber(_ name: String) throws -> Int {
        guard let number = arguments[name]?.int else { throw CallProblem("\(name) is missing") }
        return number
    }

    /// A whole number within its bounds; the default when it is not given.
    func number(_ name: String, default fallback: Int, _ bounds: ClosedRange<Int>) -> Int {
        min(max(arguments[name]?.int ?? fallback, bounds.lowerBound), bounds.upperBound)
    }

    /// The service that was named; nil when none was. Throws ``CallProblem`` for one that there is not.
    func service() throws -> String? {
        try text("service").map {
            try known("service", $0, in: "SELECT name FROM services ORDER BY name", listedBy: "list_services")
        }
    }

    func requiredService() throws -> String {
        guard let service = try service() else { throw CallProblem("service is missing") }
        return service
    }

    func database() throws -> String? {
        try text("database").map {
            try known("database", $0, in: "SELECT name FROM databases ORDER BY name", listedBy: "get_database_health")
        }
    }

    /// The name as the shop writes it. Throws ``CallProblem`` with the nearest name.
    func known(_ what: String, _ name: String, in sql: String, listedBy tool: String) throws -> String {
        let names = try String.fetchAll(db, sql: sql)
        guard let found = names.first(where: { $0.lowercased() == name.lowercased() }) else {
            throw CallProblem.unknown(what, name, known: names, listedBy: tool)
        }
        return found
    }

    // What the database says.

    func row(_ sql: String, _ values: [String: (any DatabaseValueConvertible)?] = [:]) throws -> Row? {
        try Row.fetchOne(db, sql: sql, arguments: StatementArguments(values))
    }

    func count(_ sql: String, _ values: [String: (any DatabaseValueConvertible)?] = [:]) throws -> Int {
        try Int.fetchOne(db, sql: sql, arguments: StatementArguments(values)) ?? 0
    }

    /// Runs a query as a table. A column `total` (`count(*) OVER ()`) tells how many rows there would be without the
    /// limit.
    func table(
        _ columns: [ResultColumn], _ sql: String, _ values: [String: (any DatabaseValueConvertible)?] = [:]
    ) throws -> ResultTable {
        let rows = try Row.fetchAll(db, sql: sql, arguments: StatementArguments(values))
        let total = rows.first.flatMap { $0.hasColumn("total") ? $0["total"] as Int? : nil } ?? rows.count
        return ResultTable(
            columns: columns, rows: rows.map { row in columns.map { Self.value(row[$0.key] as DatabaseValue?) } },
            total: total, now: now)
    }

    private static func value(_ value: DatabaseValue?) -> JSONValue {
        switch value?.storage {
        case .int64(let number): .int(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .blob, .null, nil: .null
        }
    }
}
