/// The reads of the reports, on one connection. The queries are in the extensions of this type.
struct ReportReader {
    let connection: any SQLConnection
    private let summed: [SummedMonth]

    /// - Parameter connection: of one snapshot, so that the sums of the months are those of the days.
    init(_ connection: any SQLConnection) throws {
        self.connection = connection
        summed = try Store.summedMonths(on: connection)
    }

    /// The selected rows of a roll-up, as the source of a query under the name `rollups`: months where they are summed,
    /// else days. By day only the rows of days.
    func rows(
        _ table: RollupTable, _ selection: RollupSelection, by columns: [RollupColumn] = [],
        _ statement: inout SQLStatement
    ) -> String {
        let isByDay = columns.contains(.day)
        let spans = isByDay ? [RollupSpan(.day, selection.days)] : RollupSpan.spans(of: selection.days, summed)
        let values = ((isByDay ? ["day"] : []) + table.columns).joined(separator: ", ")
        let parts = spans.map { span in
            "SELECT \(values) FROM \(table.name(span.grain)) WHERE \(selection.condition(span, &statement))"
        }
        return "(\(parts.joined(separator: " UNION ALL "))) AS rollups"
    }

    /// The first day with a question; nil if there is none.
    func firstDay() throws -> String? {
        let sql = "SELECT min(day) AS day FROM usage_rollups WHERE dimension = $1"
        return try connection.query(sql, [.text(RollupDimension.total.rawValue)]).first?.text("day")
    }
}
