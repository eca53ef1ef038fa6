/// A roll-up table, and how rows are added to it.
struct RollupTable: Sendable {
    let name: String
    /// Columns of the key after dimension, day, name and detail.
    private let keys: [String]
    /// Columns that are added up.
    private let sums: [String]
    /// Whether the last column is `last_at`, of which the later one counts.
    private let hasTime: Bool

    static let usage = RollupTable(
        name: "usage_rollups", keys: [], sums: UsageFigures.columns.map(\.name), hasTime: true)
    static let latency = RollupTable(name: "latency_rollups", keys: ["bucket"], sums: ["count"], hasTime: false)
    static let errors = RollupTable(name: "error_rollups", keys: ["message"], sums: ["count"], hasTime: true)

    /// In the order in which they are written and locked.
    static let all = [usage, latency, errors]

    /// Rows of a statement. A few sizes only, so that the statements are prepared once.
    private static let sizes = [16, 8, 4, 2, 1]

    private var columns: [String] {
        ["dimension", "day", "name", "detail"] + keys + sums + (hasTime ? ["last_at"] : [])
    }

    /// Adds rows with the values of the columns in their order. No two may have the same key: one statement must not
    /// change a row twice.
    func add(_ rows: [[ColumnValue]], on connection: any SQLConnection) throws {
        let tail = conflict(connection.dialect)
        var rest = rows[...]
        while let size = Self.sizes.first(where: { $0 <= rest.count }) {
            var statement = SQLStatement(connection.dialect)
            let slot = Self.slot(connection.dialect)
            let tuples = rest.prefix(size).map { row in
                "(\(slot), \(row.map { statement.bind($0) }.joined(separator: ", ")))"
            }
            let sql = """
                INSERT INTO \(name) (slot, \(columns.joined(separator: ", ")))
                VALUES \(tuples.joined(separator: ", ")) \(tail)
                """
            try connection.enqueue(sql, statement.values)
            rest = rest.dropFirst(size)
        }
    }

    /// Spreads the rows of one key over eight: transactions of different connections seldom wait for the same row, and
    /// readers sum over the slots.
    private static func slot(_ dialect: SQLDialect) -> String {
        dialect == .postgres ? "pg_backend_pid() % 8" : "0"
    }

    private func conflict(_ dialect: SQLDialect) -> String {
        var changes = sums.map { "\($0) = \(name).\($0) + excluded.\($0)" }
        if hasTime {
            let later = dialect == .postgres ? "greatest" : "max"
            changes.append("last_at = \(later)(\(name).last_at, excluded.last_at)")
        }
        let key = (["dimension", "day", "name", "detail"] + keys + ["slot"]).joined(separator: ", ")
        return "ON CONFLICT (\(key)) DO UPDATE SET \(changes.joined(separator: ", "))"
    }
}
