import Bridge
import OrderedCollections

/// The rows of a query, as a Markdown table and as structured content.
struct ResultTable {
    let columns: [ResultColumn]
    let rows: [[JSONValue]]
    /// The number of rows without the limit.
    let total: Int
    /// The shop's time, seconds since 1970.
    let now: Int

    var isEmpty: Bool { rows.isEmpty }

    var markdown: String {
        var lines = [
            "| \(columns.map(\.title).joined(separator: " | ")) |",
            "|\(columns.map { _ in " --- " }.joined(separator: "|"))|",
        ]
        for row in rows {
            let cells = zip(columns, row).map { $0.text($1, now: now) }
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }

    var data: JSONValue {
        .array(
            rows.map { row in
                .object(JSONObject(zip(columns, row).map { ($0.key, $0.structured($1)) }, uniquingKeysWith: { $1 }))
            })
    }

    /// The table below `heading`; if the limit cut rows, with their number and the hint `narrow`. Without rows the text
    /// is `empty`.
    func answer(_ heading: String, empty: String, narrow: String) -> ToolAnswer {
        guard !isEmpty else { return ToolAnswer(empty, ["rows": [], "total": 0]) }
        var text = "\(heading)\n\n\(markdown)"
        if total > rows.count {
            text += "\n\n\(ValueFormat.grouped(rows.count)) of \(ValueFormat.grouped(total)) shown; \(narrow)."
        }
        return ToolAnswer(text, ["rows": data, "total": .int(Int64(total))])
    }
}
