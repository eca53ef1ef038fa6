/// The reads of the reports, on one connection. The queries are in the extensions of this type.
struct ReportReader {
    let connection: any SQLConnection

    init(_ connection: any SQLConnection) { self.connection = connection }

    /// The first day with a question; nil if there is none.
    func firstDay() throws -> String? {
        let sql = "SELECT min(day) AS day FROM usage_rollups WHERE dimension = $1"
        return try connection.query(sql, [.text(RollupDimension.total.rawValue)]).first?.text("day")
    }
}
