/// A piece of an answer: text, or a table that Slack can show as one.
enum MarkdownPiece: Sendable {
    case text(String)
    case table(MarkdownTable.Table)

    /// The text, cut before and after its tables; blank lines at their ends are left out. Tables in quotes and items stay in the
    /// text, and those that the parser would cut. So do all tables of a text with link definitions, which hold for the whole text only.
    static func pieces(of markdown: String) -> [MarkdownPiece] {
        guard !MarkdownLinks.mayDefine(markdown), let document = MarkdownDocument(markdown) else {
            return [.text(markdown)]
        }
        let source = document.source
        var pieces: [MarkdownPiece] = []
        var from = 0
        func addText(to line: Int) {
            guard let first = (from..<line).first(where: { !source.isBlank($0) }),
                let last = (from..<line).last(where: { !source.isBlank($0) })
            else { return }
            pieces.append(.text(source.string(source.lines[first].lowerBound..<source.lines[last].upperBound)))
        }
        for table in MarkdownTable.tables(of: document) where !table.isNested {
            guard let place = MarkdownTable.place(of: table, in: source), place.lines.lowerBound >= from,
                !MarkdownTable.hasMoreCells(place, than: table, source)
            else { continue }
            addText(to: place.lines.lowerBound)
            pieces.append(.table(table))
            from = place.lines.upperBound
        }
        addText(to: source.lines.count)
        return pieces
    }
}
