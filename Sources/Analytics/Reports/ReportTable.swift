package import Bridge

/// A table of a report.
package struct ReportTable: Sendable, Hashable {
    package let title: String
    package let columns: [ReportColumn]
    /// Each with one value for each column, `.null` for a missing one. The values are of the columns' units.
    package let rows: [[JSONValue]]

    package init(title: String, columns: [ReportColumn], rows: [[JSONValue]]) {
        self.title = title
        self.columns = columns
        self.rows = rows
    }

    /// The title and a table of GitHub's Markdown; a line that says so if there are no rows.
    package var markdown: String {
        guard !rows.isEmpty else { return "**\(title)**: none" }
        var lines = [
            "**\(title)**", "", "| \(columns.map(\.title).joined(separator: " | ")) |",
            "|\(columns.map { $0.alignment }.joined(separator: "|"))|",
        ]
        for row in rows {
            let cells = zip(columns, row).map { $0.cell($1) }
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }

    /// The rows as objects, with the columns' names as keys.
    package var structured: JSONValue {
        .array(
            rows.map { row in
                let members = zip(columns, row).flatMap { $0.members($1) }
                return .object(JSONObject(members, uniquingKeysWith: { $1 }))
            })
    }
}

extension ReportColumn {
    /// Numbers are aligned to the right.
    fileprivate var alignment: String {
        switch unit {
        case .text, .list, .time, .flag: " --- "
        case .count, .decimal, .usd, .milliseconds, .percent, .change: " ---: "
        }
    }
}
