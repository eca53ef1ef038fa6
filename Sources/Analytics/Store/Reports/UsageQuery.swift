/// One sum over rows of `usage_rollups` or `usage_months`.
struct UsageSum: Sendable, Hashable {
    var group: RollupGroup
    var figures: UsageFigures
}

extension ReportReader {
    /// Sums of questions' figures, one for each combination of the columns' values that occurs, in no order.
    func usage(_ selection: RollupSelection, by columns: [RollupColumn]) throws -> [UsageSum] {
        var statement = SQLStatement(connection.dialect)
        let rows = rows(.usage, selection, by: columns, &statement)
        let names = columns.map(\.rawValue).joined(separator: ", ")
        let sums = UsageFigures.columns.map { "CAST(coalesce(sum(\($0.name)), 0) AS bigint) AS \($0.name)" }
        let sql = """
            SELECT \(columns.isEmpty ? "" : names + ",") \(sums.joined(separator: ", ")), max(last_at) AS last_at
            FROM \(rows) \(columns.isEmpty ? "" : "GROUP BY " + names)
            """
        return try connection.query(sql, statement.values).map { row in
            UsageSum(group: RollupGroup(row), figures: UsageFigures(row))
        }
    }

    /// The sum of all selected rows.
    func usage(_ selection: RollupSelection) throws -> UsageFigures {
        try usage(selection, by: []).first?.figures ?? UsageFigures()
    }
}
