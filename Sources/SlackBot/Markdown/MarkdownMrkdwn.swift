/// Renders a document as Slack's mrkdwn.
struct MarkdownMrkdwn {
    /// A block that contains the current block.
    private enum Container {
        case quote
        case list(next: Int?)
        /// `mark` is written before the item's first line; nil afterwards.
        case item(mark: String?)
    }

    private let source: MarkdownSource
    private var written = ""
    private var containers: [Container] = []
    private var line = MarkdownMrkdwnLine(isHeading: false)
    /// Whether the last line written is blank.
    private var isSeparated = false

    /// The document as mrkdwn, without a final line break.
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
                writer.handle(event)
            }
        }
        return String(writer.written.hasSuffix("\n") ? writer.written.dropLast() : writer.written[...])
    }

    private init(source: MarkdownSource) { self.source = source }

    private mutating func handle(_ event: MarkdownEvent) {
        switch (event.kind, event.step) {
        case (.quote, .enter):
            begin(at: event.line)
            containers.append(.quote)
        case (.list(let start), .enter): containers.append(.list(next: start))
        case (.item(let checked), .enter): beginItem(checked, at: event.line)
        case (.item, .leave):
            // An empty item is written as its mark.
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
        default: line.handle(event)
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

    /// Writes a blank line before a block that has one in the source.
    private mutating func begin(at line: Int) {
        guard !written.isEmpty, !isSeparated, line <= source.lines.count else { return }
        // The parser does not return the line of a paragraph right before a table; such blocks are separated.
        let isBlank = line < 2 || source.margin(line - 2).endIndex == source.lines[line - 2].upperBound
        guard isBlank else { return }
        written += isQuoted ? ">\n" : "\n"
        isSeparated = true
    }

    private var isQuoted: Bool {
        containers.contains { if case .quote = $0 { true } else { false } }
    }

    /// Writes lines with the prefix of their containers. mrkdwn has one level of quotes and no lists: items get marks
    /// and indentation.
    private mutating func write(_ lines: [String], indenting: Bool = true) {
        isSeparated = false
        for text in lines {
            var depth = 0
            // Nested items that begin on the same line have their marks side by side.
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
