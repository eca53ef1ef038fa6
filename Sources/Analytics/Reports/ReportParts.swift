import Bridge
import Charts

/// What a report computed, before it is written as Markdown and as structured content.
struct ReportParts {
    /// In the order of ``ReportShape/totals``.
    var totals: [JSONValue]
    /// The same of the period before; nil if there is none.
    var before: [JSONValue]?
    /// The table whose rows are `rows`.
    var rows: ReportTable
    /// In the order of ``ReportShape/lists``.
    var lists: [ReportTable] = []
    /// Further members of structured content.
    var extras: [(String, JSONValue)] = []
    /// Further lines of the summary.
    var lines: [(label: String, value: String)] = []
    var notes: [String] = []
    var chart: Chart?
}

extension ReportContext {
    func result(_ parts: ReportParts) throws -> ReportResult {
        let figures = report.shape.totals.enumerated().map { index, column in
            ReportFigure(column: column, value: parts.totals[index], before: parts.before?[index] ?? .null)
        }
        let first = try firstDay()
        var title = report.title
        if let user { title += " of \(ReportFormat.cell(user))" }
        let summary = figures.map { (label: $0.column.title, value: $0.text) } + parts.lines
        return ReportResult(
            title: title, period: words(from: first), summary: summary,
            tables: [parts.rows] + parts.lists.filter { !$0.rows.isEmpty },
            notes: parts.notes, chart: parts.chart, structured: structured(parts, figures, from: first))
    }

    private func structured(_ parts: ReportParts, _ figures: [ReportFigure], from first: String) -> JSONObject {
        var members: JSONObject = [
            "period": .string(arguments.period.rawValue), "from": .string(first), "to": .string(range.lastDay),
        ]
        if let previous {
            let changes = figures.compactMap { figure in figure.structuredChange.map { (figure.column.name, $0) } }
            members["previous"] = [
                "from": .string(previous.firstDay), "to": .string(previous.lastDay),
                "totals": Self.object(figures.map { ($0.column, $0.before) }),
                "change_percent": .object(JSONObject(changes, uniquingKeysWith: { $1 })),
            ]
        }
        members["totals"] = Self.object(figures.map { ($0.column, $0.value) })
        members["rows"] = parts.rows.structured
        for (list, table) in zip(report.shape.lists, parts.lists) { members[list.key] = table.structured }
        for (key, value) in parts.extras { members[key] = value }
        return members
    }

    /// An object with the values under the keys of their columns.
    static func object(_ values: [(ReportColumn, JSONValue)]) -> JSONValue {
        .object(JSONObject(values.flatMap { $0.members($1) }, uniquingKeysWith: { $1 }))
    }

    /// The period in words.
    private func words(from first: String) -> String {
        let last = range.lastDay
        return switch arguments.period {
        case .today: "today (\(last))"
        case .week: "the last 7 days (\(first) to \(last))"
        case .month: "this month (\(first) to \(last))"
        case .all: "all that is recorded (\(first) to \(last))"
        }
    }
}
