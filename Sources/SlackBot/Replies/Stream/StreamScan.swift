/// Finds where the text that was not sent may be cut.
struct StreamScan {
    /// A cut and the state after it.
    struct Cut: Sendable, Hashable {
        /// In UTF-8 bytes from the start of the text that was not sent.
        var offset: Int
        var fence: StreamFence
        /// The part of the line before the cut.
        var line: String
    }

    /// The last cut within the limit; at first the start.
    private(set) var cut: Cut
    /// The last end of a line within the limit that is no cut only because brackets are open.
    private(set) var cutInBrackets: Cut?
    /// Whether the text exceeds the limit.
    private(set) var isFull = false
    /// The state at `offset`.
    private var fence: StreamFence
    private var line: String
    private var offset = 0
    private let limit: Int
    private var units = 0
    /// Whether the lines since the cut may be a table, which is sent whole.
    private var isInTable = false
    /// Those of the paragraph, at `offset`.
    private var brackets = OpenBrackets()

    /// - Parameter limit: of the text to the cut, in UTF-16 units.
    init(_ start: Cut, limit: Int) {
        (cut, fence, line) = (start, start.fence, start.line)
        self.limit = limit
        brackets.read(line)
    }

    /// Reads the whole text.
    mutating func read(_ source: MarkdownSource, isEnd: Bool) {
        for number in source.lines.indices {
            let text = source.string(source.lines[number])
            let isWhole = number < source.lines.count - 1
            guard isWhole || isEnd else {
                isFull = units + text.utf16.count > limit
                return readUnfinished(text)
            }
            let after = source.string(source.lines[number].lowerBound..<source.next(number))
            guard read(line: text, after, isWhole: isWhole) else { return }
        }
        mark()
    }

    /// False when the line exceeds the limit.
    private mutating func read(line text: String, _ withBreak: String, isWhole: Bool) -> Bool {
        let isFirst = line.isEmpty
        let before = fence
        fence.read(line + text)
        if isInTable, before.block == nil, fence.block != nil {
            // A code block ends a table.
            isInTable = false
            cut = Cut(offset: offset, fence: before, line: "")
        }
        let end = units + withBreak.utf16.count
        guard end <= limit else {
            fence = before
            isFull = true
            readUnfinished(text)
            return false
        }
        if isFirst, before.block == nil, fence.block == nil, text.utf8.contains(UInt8(ascii: "|")) { isInTable = true }
        units = end
        offset += withBreak.utf8.count
        if before.block == nil, fence.block == nil {
            brackets = brackets(before: text)
            brackets.read(text + "\n")
        } else {
            brackets = OpenBrackets()
        }
        line = isWhole ? "" : line + text
        if isInTable, text.allSatisfy({ $0 == " " || $0 == "\t" }) { isInTable = false }
        guard !isInTable else { return true }
        if brackets.areClosed { mark() } else { cutInBrackets = here }
        return true
    }

    /// The brackets that are open when the text of a line begins.
    private func brackets(before text: String) -> OpenBrackets {
        line.isEmpty && OpenBrackets.isParagraphEnded(by: text) ? OpenBrackets() : brackets
    }

    private var here: Cut { Cut(offset: offset, fence: fence, line: line) }

    private mutating func mark() { cut = here }

    /// Cuts a line that is not whole, or too long, between two words where no inline mark is open.
    private mutating func readUnfinished(_ text: String) {
        let whole = (line + text).drop { $0 == " " || $0 == "\t" || $0 == ">" }
        guard fence.block == nil, !isInTable, let first = whole.first, !"`~<#".contains(first), !whole.contains("|")
        else { return }
        var open = InlineMarks()
        for scalar in line.unicodeScalars { open.read(scalar) }
        var brackets = brackets(before: text)
        var (part, best) = ("", "")
        for scalar in text.unicodeScalars {
            units += scalar.value > 0xFFFF ? 2 : 1
            guard units <= limit else { break }
            open.read(scalar)
            brackets.read(scalar)
            part.unicodeScalars.append(scalar)
            if scalar == " ", open.areClosed, brackets.areClosed { best = part }
        }
        if !best.isEmpty { cut = Cut(offset: offset + best.utf8.count, fence: fence, line: line + best) }
    }

    /// The text as it is sent: tables drawn as code, and, where a renderer may not show code, mentions broken and the
    /// host added to links whose text shows another.
    ///
    /// - Parameter start: the state before the text.
    static func rendered(_ raw: String, from start: Cut) -> String {
        let source = MarkdownSource(raw)
        var (fence, rendered, prose) = (start.fence, "", "")
        func flush() {
            rendered += MarkdownMentions.broken(MarkdownTable.asCode(in: MarkdownLinks.honest(prose)))
            prose = ""
        }
        for number in source.lines.indices {
            let before = fence
            fence.read((number == 0 ? start.line : "") + source.string(source.lines[number]))
            let text = source.string(source.lines[number].lowerBound..<source.next(number))
            guard before.block != nil || fence.block != nil else {
                prose += text
                continue
            }
            flush()
            rendered += before.isCertainlyCode ? text : MarkdownMentions.broken(MarkdownLinks.honest(text))
        }
        flush()
        return rendered
    }
}

/// The inline marks of a line that are open: a cut among them could change how the text before it is shown.
private struct InlineMarks {
    private var counts: [Unicode.Scalar: Int] = [:]
    private var angles = 0
    private var last: Unicode.Scalar?

    mutating func read(_ scalar: Unicode.Scalar) {
        // A run such as `**` is one mark.
        if "*_`~".unicodeScalars.contains(scalar), scalar != last { counts[scalar, default: 0] += 1 }
        last = scalar
        angles += scalar == "<" ? 1 : scalar == ">" ? -1 : 0
    }

    var areClosed: Bool { angles <= 0 && counts.values.allSatisfy { $0.isMultiple(of: 2) } }
}
