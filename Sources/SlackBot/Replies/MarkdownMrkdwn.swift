/// Writes a document in Slack's mrkdwn.
struct MarkdownMrkdwn {
    /// What surrounds the block that is written.
    private enum Container {
        case quote
        case list(next: Int?)
        /// `mark` stands before the item's first line only.
        case item(mark: String?)
    }

    private let source: MarkdownSource
    private var written = ""
    private var containers: [Container] = []
    private var line = MarkdownMrkdwnLine(isHeading: false)
    /// Whether the last line that was written is blank.
    private var isSeparated = false

    static func render(_ document: MarkdownDocument) -> String {
        var writer = MarkdownMrkdwn(source: document.source)
        var events = document.events[...]
        while let event = events.popFirst() {
            if event.kind == .table, event.step == .enter {
                let end = events.firstIndex { $0.kind == .table && $0.step == .leave } ?? events.endIndex
                let table = MarkdownTable.table(event, events[..<end])
                writer.begin(at: event.line)
                writer.code(MarkdownTable.draw(table.rows).dropFirst().dropLast().map { Substring($0) })
                events = events[end...].dropFirst()
            } else {
                writer.hear(event)
            }
        }
        return String(writer.written.hasSuffix("\n") ? writer.written.dropLast() : writer.written[...])
    }

    private init(source: MarkdownSource) { self.source = source }

    private mutating func hear(_ event: MarkdownEvent) {
        switch (event.kind, event.step) {
        case (.quote, .enter):
            begin(at: event.line)
            containers.append(.quote)
        case (.list(let start), .enter): containers.append(.list(next: start))
        case (.item(let checked), .enter): beginItem(checked, at: event.line)
        case (.item, .leave):
            // An empty item has a mark all the same.
            if case .item(.some) = containers.last { write([""]) }
            containers.removeLast()
        case (.quote, .leave), (.list, .leave): containers.removeLast()
        case (.paragraph, .enter), (.heading, .enter):
            begin(at: event.line)
            line = MarkdownMrkdwnLine(isHeading: event.kind == .heading)
        case (.paragraph, .leave), (.heading, .leave): write(line.lines)
        case (.codeBlock, _):
            begin(at: event.line)
            code(event.text.lines.dropLast())
        case (.htmlBlock, _):
            begin(at: event.line)
            let html = Markdown.escape(MarkdownMentions.broken(event.text))
            write(html.last == "\n" ? html.lines.dropLast().map(String.init) : html.lines.map(String.init))
        case (.rule, _):
            begin(at: event.line)
            write(["---"])
        default: line.hear(event)
        }
    }

    private mutating func beginItem(_ checked: Bool?, at line: Int) {
        var mark = "• "
        if case .list(let next?) = containers.last {
            mark = "\(next). "
            containers[containers.count - 1] = .list(next: next + 1)
        }
        if let checked { mark += checked ? "☑ " : "☐ " }
        begin(at: line)
        containers.append(.item(mark: mark))
    }

    /// Keeps blocks apart as the source does.
    private mutating func begin(at line: Int) {
        guard !written.isEmpty, !isSeparated, line <= source.lines.count else { return }
        // Of a paragraph right before a table the line is not known.
        let isBlank = line < 2 || source.margin(line - 2).endIndex == source.lines[line - 2].upperBound
        guard isBlank else { return }
        written += isQuoted ? ">\n" : "\n"
        isSeparated = true
    }

    private var isQuoted: Bool {
        containers.contains { if case .quote = $0 { true } else { false } }
    }

    /// Slack knows one level of quotes, and no lists: items are marked and indented.
    private mutating func write(_ lines: [String], indenting: Bool = true) {
        isSeparated = false
        for text in lines {
            var depth = 0
            // Items that begin on one line have their marks side by side.
            var marks = ""
            for index in containers.indices {
                guard case .item(let mark) = containers[index] else { continue }
                if let mark { marks += mark } else { depth += 1 }
                containers[index] = .item(mark: nil)
            }
            let indent = indenting || !marks.isEmpty ? String(repeating: "    ", count: min(depth, 8)) : ""
            let prefix = (isQuoted ? "> " : "") + indent + marks
            written += (text.isEmpty ? String(prefix.dropTrailingSpaces) : prefix + text) + "\n"
        }
    }

    private mutating func code(_ lines: [Substring]) {
        let isFirstInItem = if case .item(.some) = containers.last { true } else { false }
        if isFirstInItem { write([""]) }
        write(
            ["```"] + lines.map { Markdown.escape(MarkdownMrkdwnLine.breakingFences($0)) } + ["```"], indenting: false)
    }
}

extension String {
    fileprivate var dropTrailingSpaces: Substring {
        self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)]
    }
}
