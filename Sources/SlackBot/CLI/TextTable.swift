/// A table as text, with columns padded to their widest cell.
enum TextTable {
    /// - Parameter widest: the most characters of a cell; a longer one is cut.
    static func text(_ header: [String], _ rows: [[String]], widest: Int = 40) -> String {
        let lines = ([header] + rows).map { $0.map { cell($0, widest) } }
        let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = line.enumerated().map { index, cell in
                index == line.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Control characters are replaced: text of users must not control the terminal.
    private static func cell(_ text: String, _ widest: Int) -> String {
        let line = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        return line.shortened(to: widest)
    }
}
