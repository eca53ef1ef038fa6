/// Pipe tables drawn as code with aligned columns: every client shows them alike.
enum MarkdownTable {
    static func asCode(in markdown: String) -> String {
        guard markdown.utf8.contains(UInt8(ascii: "|")) else { return markdown }
        var output: [String] = []
        var inFence = false
        var lines = markdown.lines[...]
        while let line = lines.popFirst() {
            if line.drop(while: { $0 == " " }).hasPrefix("```") { inFence.toggle() }
            guard !inFence, let header = cells(line), let rule = lines.first, isRule(rule, columns: header.count) else {
                output.append(String(line))
                continue
            }
            lines.removeFirst()
            var rows = [header]
            while let next = lines.first, let row = cells(next) {
                rows.append(row)
                lines.removeFirst()
            }
            output += draw(rows)
        }
        return output.joined(separator: "\n")
    }

    /// The cells of a line with pipes; `\|` is a pipe in a cell.
    private static func cells(_ line: Substring) -> [String]? {
        let trimmed = line.trimmingSpace
        guard trimmed.contains("|") else { return nil }
        let marked = trimmed.replacing("\\|", with: "\u{1}")
        var parts = marked.split(separator: "|", omittingEmptySubsequences: false)
        if marked.hasPrefix("|") { parts.removeFirst() }
        if marked.hasSuffix("|"), !parts.isEmpty { parts.removeLast() }
        return parts.map { $0.trimmingSpace.replacing("\u{1}", with: "|") }
    }

    private static func isRule(_ line: Substring, columns: Int) -> Bool {
        guard let cells = cells(line), cells.count == columns else { return false }
        return cells.allSatisfy { $0.contains("-") && $0.allSatisfy { "-: ".contains($0) } }
    }

    private static let widest = 60

    private static func draw(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            // One long cell must not blow up every row.
            min(Self.widest, rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0)
        }
        func line(_ row: [String]) -> String {
            (0..<columns).map { column in
                let cell = column < row.count ? row[column] : ""
                return cell + String(repeating: " ", count: max(0, widths[column] - cell.count))
            }.joined(separator: " | ").trimmingTrailingSpace
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "-|-")
        return ["```", line(rows[0]), rule] + rows.dropFirst().map(line) + ["```"]
    }
}

extension String {
    fileprivate var trimmingTrailingSpace: String {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return String(self[...last])
    }
}
