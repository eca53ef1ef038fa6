extension ReportReader {
    /// Histograms of durations, one for each combination of the columns' values that occurs.
    func latency(_ selection: RollupSelection, by columns: [RollupColumn]) throws -> [RollupGroup: LatencyHistogram] {
        var statement = SQLStatement(connection.dialect)
        let rows = rows(.latency, selection, by: columns, &statement)
        let names = (columns.map(\.rawValue) + ["bucket"]).joined(separator: ", ")
        let sql = """
            SELECT \(names), CAST(sum(rollups.count) AS bigint) AS number
            FROM \(rows) GROUP BY \(names)
            """
        var histograms: [RollupGroup: LatencyHistogram] = [:]
        for row in try connection.query(sql, statement.values) {
            guard let bucket = row.int("bucket"), let number = row.int("number") else { continue }
            histograms[RollupGroup(row), default: LatencyHistogram()].add(number, to: Int(bucket))
        }
        return histograms
    }

    /// The histogram of all selected rows.
    func latency(_ selection: RollupSelection) throws -> LatencyHistogram {
        try latency(selection, by: [])[RollupGroup()] ?? LatencyHistogram()
    }
}
