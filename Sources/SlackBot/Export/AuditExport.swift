import Analytics
import Bridge

/// The audit log as a file, page by page: at most one page is in memory.
struct AuditExport: Sendable {
    /// JSON lines, or CSV with a header line.
    enum Format: String, Sendable, CaseIterable { case jsonl, csv }

    let store: Store
    let format: Format
    let filter: AuditFilter
    var pageSize = 500

    /// Passes every row that exists at the start, oldest first, to `write`, in pieces of whole lines. Returns the
    /// number of rows. Throws ``StoreError``, and the errors of `write`.
    @discardableResult
    func run(_ write: (String) async throws -> Void) async throws -> Int {
        let last = try await store.lastAuditID()
        var (position, count): (Int64, Int) = (0, 0)
        if format == .csv { try await write(CSV.line(AuditJSON.columns.map(JSONValue.string))) }
        while true {
            let rows = try await store.auditPage(filter, after: position, through: last, limit: pageSize)
            guard let end = rows.last?.id else { return count }
            try await write(rows.map(line).joined())
            (position, count) = (end, count + rows.count)
        }
    }

    private func line(_ row: AuditRow) -> String {
        let object = AuditJSON.row(row)
        return switch format {
        case .jsonl: JSONValue.object(object).text() + "\n"
        case .csv: CSV.line(object.values)
        }
    }
}
