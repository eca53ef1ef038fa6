import Bridge
import GRDB
import OrderedCollections

/// One call: its checked arguments, and queries on the operations database that return tables.
struct ToolContext {
    let db: Database
    /// The shop's time, seconds since 1970.
    let now: Int
    let arguments: JSONValue

    // Arguments.

    func text(_ name: String) -> String? { arguments[name]?.string }

    func required(_ name: String) throws -> String {
        guard let text = text(name), !text.isEmpty else { throw CallProblem("\(name) is missing") }
        return text
    }

    func requiredNumber(_ name: String) throws -> Int {
        guard let number = arguments[name]?.int else { throw CallProblem("\(name) is missing") }
        return number
    }

    /// A whole number, clamped to `bounds`; `fallback` if the argument is absent.
    func number(_ name: String, default fallback: Int, _ bounds: ClosedRange<Int>) -> Int {
        min(max(arguments[name]?.int ?? fallback, bounds.lowerBound), bounds.upperBound)
    }

    /// The argument `service`; nil if it is absent. Throws ``CallProblem`` for an unknown service.
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

    /// The known name that equals `name` apart from case. Throws ``CallProblem`` with the nearest name.
    func known(_ what: String, _ name: String, in sql: String, listedBy tool: String) throws -> String {
        let names = try String.fetchAll(db, sql: sql)
        guard let found = names.first(where: { $0.lowercased() == name.lowercased() }) else {
            throw CallProblem.unknown(what, name, known: names, listedBy: tool)
        }
        return found
    }

    // Queries.

    func row(_ sql: String, _ values: [String: (any DatabaseValueConvertible)?] = [:]) throws -> Row? {
        try Row.fetchOne(db, sql: sql, arguments: StatementArguments(values))
    }

    func count(_ sql: String, _ values: [String: (any DatabaseValueConvertible)?] = [:]) throws -> Int {
        try Int.fetchOne(db, sql: sql, arguments: StatementArguments(values)) ?? 0
    }

    /// Runs a query. If it has a column `total` (`count(*) OVER ()`), that is the number of rows without the limit.
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
