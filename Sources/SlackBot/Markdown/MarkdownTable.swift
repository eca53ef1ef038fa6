import Bridge

/// Renders tables as code with aligned columns, which every Slack client shows the same way.
enum MarkdownTable {
    /// `markdown` with each table replaced by a code block; all other text is unchanged.
    static func asCode(in markdown: String) -> String {
        guard markdown.utf8.contains(UInt8(ascii: "|")), let document = MarkdownDocument(markdown) else {
            return markdown
        }
        let source = document.source
        var output: [UInt8] = []
        var from = 0
        for table in tables(of: document) {
            guard let place = place(of: table, in: source), place.lines.lowerBound >= from else { continue }
            output += source.bytes[source.start(from)..<source.start(place.lines.lowerBound)]
            output += place.firstPrefix
            let lines = hasMoreCells(place, than: table, source) ? raw(place, source) : draw(table.rows)
            output += lines.joined(separator: "\n" + String(decoding: place.prefix, as: UTF8.self)).utf8
            let last = place.lines.upperBound - 1
            output += source.bytes[source.lines[last].upperBound..<source.next(last)]
            from = place.lines.upperBound
        }
        output += source.bytes[source.start(from)...]
        return String(decoding: output, as: UTF8.self)
    }

    /// One table as the parser returns it.
    struct Table: Sendable {
        /// The text of the cells; the first row is the head, and all have its number of cells.
        var rows: [[String]] = []
        /// The cells of the same rows as Slack shows them.
        var cells: [[JSONValue]] = []
        /// Line of the table's start, from 1: the head's, or that of a paragraph directly before it.
        var line: Int
        var column: Int
        /// Lines of the rows below the head, from 1.
        var rowLines: [Int] = []
        /// Whether it is in a quote or an item.
        var isNested = false
    }

    /// The document's tables in order.
    static func tables(of document: MarkdownDocument) -> [Table] {
        var tables: [Table] = []
        var events = document.events[...]
        var depth = 0
        while let event = events.popFirst() {
            switch (event.kind, event.step) {
            case (.quote, .enter), (.item, .enter): depth += 1
            case (.quote, .leave), (.item, .leave): depth -= 1
            case (.table, .enter):
                let end = events.firstIndex { $0.kind == .table && $0.step == .leave } ?? events.endIndex
                var table = table(event, events[..<end])
                table.isNested = depth > 0
                tables.append(table)
                events = events[end...]
            default: break
            }
        }
        return tables
    }

    /// The table that begins with the event `start`; `events` are those within it.
    static func table(_ start: MarkdownEvent, _ events: ArraySlice<MarkdownEvent>) -> Table {
        var table = Table(line: start.line, column: start.column)
        var (text, cell) = (MarkdownPlainText(), MarkdownCell())
        for event in events {
            switch (event.kind, event.step) {
            case (.row, .enter):
                if !table.rows.isEmpty { table.rowLines.append(event.line) }
                table.rows.append([])
                table.cells.append([])
            case (.row, .leave): break
            case (.cell, .enter): (text, cell) = (MarkdownPlainText(), MarkdownCell())
            case (.cell, .leave):
                table.rows[table.rows.count - 1].append(text.text.trimmingSpace)
                table.cells[table.cells.count - 1].append(cell.json)
            default:
                text.handle(event)
                cell.handle(event)
            }
        }
        return table
    }

    struct Place {
        var lines: Range<Int>
        /// The text before the head on its line, and the text before the other lines, which keeps them in the same
        /// block quotes and items.
        var firstPrefix: ArraySlice<UInt8>
        var prefix: [UInt8]
    }

    /// The lines of a table; nil when they cannot be found in the source.
    static func place(of table: Table, in source: MarkdownSource) -> Place? {
        guard let columns = table.rows.first?.count, table.line > 0 else { return nil }
        let candidates = table.rowLines.first.map { ($0 - 3)..<($0 - 2) } ?? (table.line - 1)..<source.lines.count
        // Without rows only the delimiter row tells where the head is.
        let found = candidates.first { line in
            line >= 0 && line + 1 < source.lines.count && isRule(source.bytes[source.lines[line + 1]], columns)
        }
        guard let head = found else { return nil }
        let line = source.lines[head]
        let isExact = head == table.line - 1 && (1...line.count + 1).contains(table.column)
        let first = isExact ? source.bytes[line].prefix(table.column - 1) : source.margin(head)
        let prefix = first.map { $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "\t") ? $0 : UInt8(ascii: " ") }
        let end = table.rowLines.last ?? head + 2
        guard end <= source.lines.count, end >= head + 2 else { return nil }
        return Place(lines: head..<end, firstPrefix: first, prefix: prefix)
    }

    /// Whether a row has more cells than the head: the parser drops them.
    static func hasMoreCells(_ place: Place, than table: Table, _ source: MarkdownSource) -> Bool {
        let columns = table.rows.first?.count ?? 0
        return place.lines.dropFirst(2).contains { line in
            var (pipes, isEscaped) = (0, false)
            let row = content(line, place, source).trimmingSpace
            for byte in row.utf8.dropFirst() {
                if byte == UInt8(ascii: "|"), !isEscaped { pipes += 1 }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            }
            return pipes + (row.hasSuffix("|") ? 0 : 1) > columns
        }
    }

    /// The source of a table as a code block.
    private static func raw(_ place: Place, _ source: MarkdownSource) -> [String] {
        let lines = place.lines.map { content($0, place, source) }
        return [fence(around: lines)] + lines + [fence(around: lines)]
    }

    /// The text of a table's line after the marks of its quotes and items.
    private static func content(_ line: Int, _ place: Place, _ source: MarkdownSource) -> String {
        let range = source.lines[line]
        let marks =
            line == place.lines.lowerBound
            ? place.firstPrefix.count
            : source.bytes[range].prefix(place.prefix.count).prefix { " \t>".utf8.contains($0) }.count
        return source.string(range.dropFirst(marks))
    }

    private static func isRule(_ line: ArraySlice<UInt8>, _ columns: Int) -> Bool {
        guard line.contains(UInt8(ascii: "-")), line.allSatisfy({ "|-:> \t\u{0B}\u{0C}".utf8.contains($0) }) else {
            return false
        }
        let cells = line.split(separator: UInt8(ascii: "|")).filter { $0.contains(UInt8(ascii: "-")) }
        return cells.count == columns
    }

    /// Maximum width of a column; longer cells stick out.
    private static let widest = 60

    /// The lines of a code block with the rows; the first row is the head.
    static func draw(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            // One long cell must not widen every row.
            min(Self.widest, rows.map { column < $0.count ? width($0[column]) : 0 }.max() ?? 0)
        }
        func line(_ row: [String]) -> String {
            (0..<columns).map { column in
                let cell = column < row.count ? row[column] : ""
                return cell + String(repeating: " ", count: max(0, widths[column] - width(cell)))
            }.joined(separator: " | ").trimmingTrailingSpace
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "-|-")
        let fence = fence(around: rows.joined())
        return [fence, line(rows.first ?? []), rule] + rows.dropFirst().map(line) + [fence]
    }

    /// The text as a code block.
    static func fenced(_ text: String) -> String {
        let fence = fence(around: [text])
        return "\(fence)\n\(text)\n\(fence)"
    }

    /// A fence that is longer than any run of backticks in the texts.
    private static func fence(around texts: some Sequence<String>) -> String {
        let runs = texts.flatMap { $0.split { $0 != "`" }.map(\.count) }
        return String(repeating: "`", count: max(3, (runs.max() ?? 0) + 1))
    }

    private static func width(_ cell: String) -> Int { cell.count { $0 != "\u{200B}" } }
}

extension MarkdownSource {
    /// Byte offset of the line; the end of the source for the line after the last.
    fileprivate func start(_ line: Int) -> Int { line < lines.count ? lines[line].lowerBound : bytes.count }
}

extension String {
    fileprivate var trimmingTrailingSpace: String {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return String(self[...last])
    }
}
