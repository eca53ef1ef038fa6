import Analytics
import Bridge

/// The audit log as a file, page by page: at most one page is in memory.
struct AuditExport: Sendable {
    /// JSON lines, CSV with a header line, ArcSight's Common Event Format, or syslog lines (RFC 5424) with JSON.
    enum Format: String, Sendable, CaseIterable { case jsonl, csv, cef, syslog }

    /// What ``run(_:)`` has written: the number of rows, and the position after which the next export goes on.
    struct Written: Sendable, Hashable {
        var rows = 0
        /// The id of the last row; that of ``AuditExport/after`` if there was none.
        var position: Int64
    }

    let store: Store
    let format: Format
    let filter: AuditFilter
    /// Rows up to this id are left out.
    var after: Int64 = 0
    var pageSize = 500

    /// Passes every row that exists at the start, oldest first, to `write`, in pieces of whole lines. No row
    /// with a lower id than the returned position appears later. Throws ``StoreError``, and the errors of `write`.
    @discardableResult
    func run(_ write: (String) async throws -> Void) async throws -> Written {
        let last = try await store.lastAuditID()
        var written = Written(position: after)
        if format == .csv { try await write(CSV.line(AuditJSON.columns.map(JSONValue.string))) }
        while true {
            let rows = try await store.auditPage(filter, after: written.position, through: last, limit: pageSize)
            guard let end = rows.last?.id else { return written }
            try await write(rows.map(line).joined())
            written.rows += rows.count
            written.position = end
        }
    }

    private func line(_ row: AuditRow) -> String {
        let object = AuditJSON.row(row)
        return switch format {
        case .jsonl: JSONValue.object(object).text() + "\n"
        case .csv: CSV.line(object.values)
        case .cef: CEF.line(row)
        case .syslog: SyslogLine.text(row, host: SyslogLine.host)
        }
    }
}
