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
            output += draw(table.rows).joined(separator: "\n" + String(decoding: place.prefix, as: UTF8.self)).utf8
            let last = place.lines.upperBound - 1
            output += source.bytes[source.lines[last].upperBound..<source.next(last)]
            from = place.lines.upperBound
        }
        output += source.bytes[source.start(from)...]
        return String(decoding: output, as: UTF8.self)
    }

    /// One table as the parser returns it.
    struct Table: Sendable {
        var rows: [[String]]
        /// Line of the table's start, from 1: the head's, or that of a paragraph directly before it.
        var line: Int
        var column: Int
        /// Lines of the rows below the head, from 1.
        var rowLines: [Int]
    }

    /// The document's tables in order.
    static func tables(of document: MarkdownDocument) -> [Table] {
        var tables: [Table] = []
        var events = document.events[...]
        while let event = events.popFirst() {
            guard event.kind == .table, event.step == .enter else { continue }
            let end = events.firstIndex { $0.kind == .table && $0.step == .leave } ?? events.endIndex
            tables.append(table(event, events[..<end]))
            events = events[end...]
        }
        return tables
    }

    /// The table that begins with the event `start`; `events` are those within it.
    static func table(_ start: MarkdownEvent, _ events: ArraySlice<MarkdownEvent>) -> Table {
        var table = Table(rows: [], line: start.line, column: start.column, rowLines: [])
        var cell = MarkdownPlainText()
        for event in events {
            switch (event.kind, event.step) {
            case (.row, .enter):
                if !table.rows.isEmpty { table.rowLines.append(event.line) }
                table.rows.append([])
            case (.row, .leave): break
            case (.cell, .enter): cell = MarkdownPlainText()
            case (.cell, .leave): table.rows[table.rows.count - 1].append(cell.text.trimmingSpace)
            default: cell.handle(event)
            }
        }
        return table
    }

    private struct Place {
        var lines: Range<Int>
        /// The text before the head on its line, and the text before the other lines, which keeps them in the same
        /// block quotes and items.
        var firstPrefix: ArraySlice<UInt8>
        var prefix: [UInt8]
    }

    /// The lines of a table; nil when they cannot be found in the source.
    private static func place(of table: Table, in source: MarkdownSource) -> Place? {
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
        let runs = rows.joined().flatMap { $0.split { $0 != "`" }.map(\.count) }
        let fence = String(repeating: "`", count: max(3, (runs.max() ?? 0) + 1))
        return [fence, line(rows.first ?? []), rule] + rows.dropFirst().map(line) + [fence]
    }

    private static func width(_ cell: String) -> Int { cell.count { $0 != "\u{200B}" } }
}

/// Collects inline nodes as plain text: no marks; of a link its text and its address.
struct MarkdownPlainText: Sendable {
    /// The text so far.
    private(set) var text = ""
    /// Start of the link text of each open link.
    private var links: [String.Index] = []

    /// Adds an inline node; other nodes are ignored.
    mutating func handle(_ event: MarkdownEvent) {
        switch (event.kind, event.step) {
        case (.text, _), (.code, _): text += event.text
        case (.html, _):
            let tag = event.text.lowercased().filter { $0 != " " }
            text += tag == "<br>" || tag == "<br/>" ? " " : event.text
        case (.softBreak, _), (.hardBreak, _): text += " "
        case (.link, .enter), (.image, .enter): links.append(text.endIndex)
        case (.link, .leave), (.image, .leave):
            guard let start = links.popLast(), !event.text.isEmpty else { return }
            let words = text[start...]
            if words.isEmpty {
                text += event.text
            } else if event.text != words, event.text != "mailto:\(words)", event.text != "http://\(words)" {
                text += " (\(event.text))"
            }
        default: break
        }
    }
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
