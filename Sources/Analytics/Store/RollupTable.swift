/// A roll-up table, with the table of its sums by month, and how rows are added to it.
struct RollupTable: Sendable {
    /// The table of the days.
    let name: String
    /// The table of the months.
    private let months: String
    /// Columns of the key after dimension, day or month, name and detail.
    private let keys: [String]
    /// Columns that are added up.
    private let sums: [String]
    /// Whether the last column is `last_at`, of which the later one counts.
    private let hasTime: Bool

    static let usage = RollupTable(
        name: "usage_rollups", months: "usage_months", keys: [], sums: UsageFigures.columns.map(\.name), hasTime: true)
    static let latency = RollupTable(
        name: "latency_rollups", months: "latency_months", keys: ["bucket"], sums: ["count"], hasTime: false)
    static let errors = RollupTable(
        name: "error_rollups", months: "error_months", keys: ["message"], sums: ["count"], hasTime: true)

    /// In the order in which they are written and locked.
    static let all = [usage, latency, errors]

    /// All values of `dimension` as SQL, with those of `error_rollups`. A condition on all of them lets the primary key
    /// find days or months.
    private static let dimensions = (RollupDimension.allCases.map(\.rawValue) + ["question"])
        .map { "'\($0)'" }.joined(separator: ", ")

    /// Rows of a statement. A few sizes only, so that the statements are prepared once.
    private static let sizes = [16, 8, 4, 2, 1]

    func name(_ grain: RollupGrain) -> String { grain == .day ? name : months }

    /// The columns that both tables have, without the dimension and the key's time.
    var columns: [String] { ["name", "detail"] + keys + sums + (hasTime ? ["last_at"] : []) }

    /// Adds rows of days with the values of dimension, day and ``columns`` in their order. No two may have the same key:
    /// one statement must not change a row twice.
    func add(_ rows: [[ColumnValue]], on connection: any SQLConnection) throws {
        let tail = conflict(.day, connection.dialect)
        var rest = rows[...]
        while let size = Self.sizes.first(where: { $0 <= rest.count }) {
            var statement = SQLStatement(connection.dialect)
            let slot = Self.slot(connection.dialect)
            let tuples = rest.prefix(size).map { row in
                "(\(slot), \(row.map { statement.bind($0) }.joined(separator: ", ")))"
            }
            let sql = """
                INSERT INTO \(name) (slot, dimension, day, \(columns.joined(separator: ", ")))
                VALUES \(tuples.joined(separator: ", ")) \(tail)
                """
            try connection.enqueue(sql, statement.values)
            rest = rest.dropFirst(size)
        }
    }

    /// Spreads the rows of one key over eight: transactions of different connections seldom wait for the same row, and
    /// readers sum over the slots. Months have none: one transaction at a time writes them.
    private static func slot(_ dialect: SQLDialect) -> String {
        dialect == .postgres ? "pg_backend_pid() % 8" : "0"
    }

    private func conflict(_ grain: RollupGrain, _ dialect: SQLDialect) -> String {
        let table = name(grain)
        var changes = sums.map { "\($0) = \(table).\($0) + excluded.\($0)" }
        if hasTime {
            let later = dialect == .postgres ? "greatest" : "max"
            changes.append("last_at = \(later)(\(table).last_at, excluded.last_at)")
        }
        let slot = grain == .day ? ["slot"] : []
        let key = (["dimension", grain.rawValue, "name", "detail"] + keys + slot).joined(separator: ", ")
        return "ON CONFLICT (\(key)) DO UPDATE SET \(changes.joined(separator: ", "))"
    }

    /// Deletes the rows of days or months.
    func delete(_ span: RollupSpan, on connection: any SQLConnection) throws {
        let column = span.grain.rawValue
        try connection.execute(
            """
            DELETE FROM \(name(span.grain))
            WHERE dimension IN (\(Self.dimensions)) AND \(column) >= $1 AND \(column) <= $2
            """, [.text(span.range.lowerBound), .text(span.range.upperBound)])
    }

    /// Replaces the rows of a month by the sums of its days up to the last one.
    func sum(_ month: SummedMonth, on connection: any SQLConnection) throws {
        try delete(RollupSpan(.month, month.month...month.month), on: connection)
        let key = (["dimension", "name", "detail"] + keys).joined(separator: ", ")
        let values = sums.map { "CAST(sum(\(name).\($0)) AS bigint)" } + (hasTime ? ["max(last_at)"] : [])
        try connection.execute(
            """
            INSERT INTO \(months) (month, dimension, \(columns.joined(separator: ", ")))
            SELECT CAST($1 AS text), \(key), \(values.joined(separator: ", ")) FROM \(name)
            WHERE dimension IN (\(Self.dimensions)) AND day >= $2 AND day <= $3 GROUP BY \(key)
            """, [.text(month.month), .text(month.firstDay), .text(month.lastDay)])
    }

    /// Adds the rows of one user, of all days and months, to those of another name.
    func moveUser(_ name: String, to other: String, on connection: any SQLConnection) throws {
        for grain in RollupGrain.allCases {
            let table = self.name(grain)
            let kept = [grain.rawValue] + (grain == .day ? ["slot"] : []) + columns.filter { $0 != "name" }
            let list = kept.joined(separator: ", ")
            try connection.execute(
                """
                INSERT INTO \(table) (dimension, name, \(list))
                SELECT dimension, CAST($2 AS text), \(list) FROM \(table) WHERE dimension = 'user' AND name = $1
                \(conflict(grain, connection.dialect))
                """, [.text(name), .text(other)])
            try connection.execute("DELETE FROM \(table) WHERE dimension = 'user' AND name = $1", [.text(name)])
        }
    }
}
