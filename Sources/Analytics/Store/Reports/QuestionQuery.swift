import Foundation

/// Selects single questions of the audit log, in an order that an index has.
struct QuestionSelection: Sendable {
    enum Order: Sendable {
        case slowest, mostIterations, newest

        /// `id` makes the order of equal rows certain.
        fileprivate var sql: String {
            switch self {
            case .slowest: "audit_logs.duration_ms DESC, audit_logs.id DESC"
            case .mostIterations: "audit_logs.iterations DESC, audit_logs.id DESC"
            case .newest: "audit_logs.created_at DESC, audit_logs.id DESC"
            }
        }
    }

    var order: Order
    /// When the questions ended; nil: any time.
    var times: Range<Date>?
    var status: AuditRow.Status?
    var leastMilliseconds: Int?
    var leastIterations: Int?

    fileprivate func condition(_ statement: inout SQLStatement) -> String {
        var terms = Self.bounds(times, &statement)
        if let status { terms.append("status = \(statement.bind(.text(status.rawValue)))") }
        if let leastMilliseconds {
            terms.append("audit_logs.duration_ms >= \(statement.bind(.int(Int64(leastMilliseconds))))")
        }
        if let leastIterations {
            terms.append("audit_logs.iterations >= \(statement.bind(.int(Int64(leastIterations))))")
        }
        return terms.isEmpty ? "" : "WHERE \(terms.joined(separator: " AND "))"
    }

    /// Without times no condition on them, so that the order's index is used rather than that of the times.
    static func bounds(_ times: Range<Date>?, _ statement: inout SQLStatement) -> [String] {
        guard let times else { return [] }
        return [
            "audit_logs.created_at >= \(statement.bind(.time(times.lowerBound)))",
            "audit_logs.created_at < \(statement.bind(.time(times.upperBound)))",
        ]
    }
}

extension ReportReader {
    /// The first `limit` selected questions.
    func questions(_ selection: QuestionSelection, limit: Int) throws -> [QuestionEntry] {
        var statement = SQLStatement(connection.dialect)
        let condition = selection.condition(&statement)
        let sql = """
            SELECT \(QuestionEntry.selection(connection.dialect))
            FROM audit_logs LEFT JOIN audit_reprice ON audit_reprice.audit_id = audit_logs.id
            \(condition) ORDER BY \(selection.order.sql) LIMIT \(statement.bind(.int(Int64(limit))))
            """
        return try connection.query(sql, statement.values).map { QuestionEntry($0) }
    }

    /// The `limit` most expensive questions, most expensive first.
    ///
    /// Two reads, because no index has the cost after repricing: those that were not repriced in the order of the index
    /// of `cost_estimate`, and those that were, which are few.
    func mostExpensive(_ times: Range<Date>?, limit: Int) throws -> [QuestionEntry] {
        let found = try unrepriced(times, limit: limit) + repriced(times, limit: limit)
        return Array(found.sorted { ($1.cost, $1.auditID) < ($0.cost, $0.auditID) }.prefix(limit))
    }

    private func unrepriced(_ times: Range<Date>?, limit: Int) throws -> [QuestionEntry] {
        var statement = SQLStatement(connection.dialect)
        let terms = QuestionSelection.bounds(times, &statement) + ["audit_reprice.audit_id IS NULL"]
        let sql = """
            SELECT \(QuestionEntry.selection(connection.dialect))
            FROM audit_logs LEFT JOIN audit_reprice ON audit_reprice.audit_id = audit_logs.id
            WHERE \(terms.joined(separator: " AND "))
            ORDER BY audit_logs.cost_estimate DESC, audit_logs.cost_nano DESC, audit_logs.id DESC
            LIMIT \(statement.bind(.int(Int64(limit))))
            """
        return try connection.query(sql, statement.values).map { QuestionEntry($0) }
    }

    private func repriced(_ times: Range<Date>?, limit: Int) throws -> [QuestionEntry] {
        var statement = SQLStatement(connection.dialect)
        let terms = QuestionSelection.bounds(times, &statement)
        let sql = """
            SELECT \(QuestionEntry.selection(connection.dialect))
            FROM audit_reprice JOIN audit_logs ON audit_logs.id = audit_reprice.audit_id
            \(terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND "))
            ORDER BY audit_reprice.new_nano DESC, audit_logs.id DESC LIMIT \(statement.bind(.int(Int64(limit))))
            """
        return try connection.query(sql, statement.values).map { QuestionEntry($0) }
    }
}
