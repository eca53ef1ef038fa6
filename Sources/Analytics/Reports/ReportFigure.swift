import Bridge

/// A figure of the whole period, beside that of the period before.
struct ReportFigure: Sendable {
    let column: ReportColumn
    /// `.null` if there is nothing to compute it from.
    let value: JSONValue
    /// `.null` also if the period has none before it.
    let before: JSONValue

    /// The figure in words; `none` for a missing one.
    var text: String {
        let now = column.unit.text(value) ?? "none"
        return change.map { "\(now) (\($0))" } ?? now
    }

    private var change: String? { isCompared ? ReportChange.text(value, before: before, unit: column.unit) : nil }

    private var isCompared: Bool { before != .null }

    /// The difference to the period before as in structured content; nil for figures that have none.
    var structuredChange: JSONValue? {
        guard case .int(let now) = value, case .int(let before) = before else { return nil }
        return ReportChange.value(now, before: before)
    }
}
