import Bridge

/// A table as Slack's table block.
enum TableView {
    /// Slack's limits: 100 rows with the head, 20 columns. A table's text may have 10,000 characters, but the message
    /// has other text too.
    static let mostRows = 99
    static let mostColumns = 20
    static let mostUnits = 7_000

    /// The first rows and columns of the table, as many as the limits allow. nil when the head and a row do not fit.
    ///
    /// - Parameter rows: the most rows below the head.
    static func block(_ table: MarkdownTable.Table, rows most: Int) -> (block: JSONValue, rows: Int, isWhole: Bool)? {
        let columns = table.rows.first?.count ?? 0
        var rows: [JSONValue] = []
        var units = 0
        for row in table.cells.prefix(min(most, mostRows) + 1) {
            let row = JSONValue.array(Array(row.prefix(mostColumns)))
            units += SlackMessage.units(row)
            guard units <= mostUnits else { break }
            rows.append(row)
        }
        guard columns > 0, rows.count > 1 || rows.count == table.rows.count else { return nil }
        let block: JSONValue = [
            "type": "table", "rows": .array(rows),
            "column_settings": .array(settings(table, min(columns, mostColumns))),
        ]
        return (block, rows.count - 1, rows.count == table.rows.count && columns <= mostColumns)
    }

    /// Numbers stand at the right, so that their digits are below each other.
    private static func settings(_ table: MarkdownTable.Table, _ columns: Int) -> [JSONValue] {
        (0..<columns).map { column in
            let cells = table.rows.dropFirst().map { column < $0.count ? $0[column] : "" }.filter { !$0.isEmpty }
            let isNumeric = !cells.isEmpty && cells.allSatisfy(isNumber)
            return ["align": isNumeric ? "right" : "left", "is_wrapped": true]
        }
    }

    private static func isNumber(_ cell: String) -> Bool {
        guard let first = cell.first(where: { !"+-−$€£".contains($0) }), first.isNumber else { return false }
        let isDate = cell.contains(":") || cell.count { $0 == "-" } > 1 || cell.count { $0 == "." } > 2
        return !isDate && cell.count { $0.isLetter } <= 3
    }

    /// The texts of a table block's cells, with the addresses of links.
    static func rows(of block: JSONValue) -> [[String]] {
        (block["rows"]?.array ?? []).map { row in (row.array ?? []).map { text(of: $0) } }
    }

    private static func text(of cell: JSONValue) -> String {
        if let text = cell["text"]?.string { return text.trimmingSpace }
        let elements = cell["elements"]?[0]?["elements"]?.array ?? []
        return elements.map { element in
            let text = element["text"]?.string ?? ""
            guard let address = element["url"]?.string, address != text, address != "mailto:\(text)" else {
                return text
            }
            return "\(text) (\(address))"
        }.joined().trimmingSpace
    }
}
