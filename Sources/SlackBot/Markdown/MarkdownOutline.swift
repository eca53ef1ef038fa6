/// The places where Markdown may be cut, with the cost of each cut.
struct MarkdownOutline {
    /// A line with its line break, or a section of a line that is too long.
    struct Piece {
        var bytes: Range<Int>
        /// Length in UTF-16 units.
        var units: Int
        var line: Int
        /// Cost of a cut before the piece; the lowest is the best.
        var cost: Int
    }

    /// The fence of a code block, which is closed and opened again where the block is cut.
    private struct Fence {
        /// The text before the fence in its line, which keeps it in its block quotes and items.
        var prefix: String
        /// The fence with its info string.
        var opening: String
        var closing: String
        var openingUnits: Int { prefix.utf16.count + opening.utf16.count + 1 }
        var closingUnits: Int { prefix.utf16.count + closing.utf16.count + 1 }
    }

    /// The pieces in the order of the source.
    private(set) var pieces: [Piece] = []
    private let source: MarkdownSource
    private let limit: Int
    private var fences: [Fence] = []
    /// For each line of a code block after its first, the index of its fence in `fences`.
    private var fence: [Int?]
    /// For each line the first line of its outermost block.
    private var block: [Int]
    private var costs: [Int]
    /// For each line the byte ranges of code spans and links, which should not be cut.
    private var atoms: [Int: [Range<Int>]] = [:]

    /// The costs of cuts, lowest first.
    private enum Cost {
        static let block = 0
        static let item = 1
        static let innerBlock = 2
        static let afterHeading = 3
        static let line = 4
        static let codeLine = 5
        static let edgeOfCode = 6
        static let insideLine = 7
    }

    init(_ source: MarkdownSource, _ events: [MarkdownEvent], limit: Int) {
        self.source = source
        self.limit = limit
        fence = Array(repeating: nil, count: source.lines.count)
        block = Array(repeating: 0, count: source.lines.count)
        costs = Array(repeating: Cost.line, count: source.lines.count)
        read(events)
        var start = 0
        for line in block.indices {
            if block[line] > 0 { start = line }
            block[line] = start
        }
        for line in costs.indices.dropFirst() where costs[line] == Cost.line && source.isBlank(line - 1) {
            costs[line] = Cost.innerBlock
        }
        for line in costs.indices.dropLast().reversed() where fence[line] == nil && source.isBlank(line) {
            costs[line] = costs[line + 1]
        }
        for line in source.lines.indices { cut(line) }
    }

    private mutating func read(_ events: [MarkdownEvent]) {
        var depth = 0
        var isAfterHeading = false
        for event in events {
            let line = event.line - 1
            switch (event.kind, event.step) {
            case (.quote, .leave), (.list, .leave), (.item, .leave): depth -= 1
            case (.heading, .leave): isAfterHeading = true
            case (_, .leave): break
            case (.code, _), (.link, _), (.image, _): noteAtom(event)
            case (.quote, _), (.list, _), (.item, _), (.paragraph, _), (.heading, _), (.codeBlock, _), (.htmlBlock, _),
                (.rule, _), (.table, _):
                if source.lines.indices.contains(line) {
                    if depth == 0 { block[line] = 1 }
                    if costs[line] == Cost.line {
                        let isItem = if case .item = event.kind { depth == 1 } else { false }
                        costs[line] =
                            isAfterHeading
                            ? Cost.afterHeading : depth == 0 ? Cost.block : isItem ? Cost.item : Cost.innerBlock
                    }
                    if case .codeBlock(let marks) = event.kind { noteCode(event, marks) }
                }
                isAfterHeading = false
                switch event.kind {
                case .quote, .list, .item: depth += 1
                default: break
                }
            default: break
            }
        }
    }

    private mutating func noteAtom(_ event: MarkdownEvent) {
        let line = event.line - 1
        guard source.lines.indices.contains(line), event.line == event.endLine else { return }
        let start = source.lines[line].lowerBound + event.column - 1
        let end = source.lines[line].lowerBound + event.endColumn
        if start < end { atoms[line, default: []].append(start..<end) }
    }

    /// The end of a code block is computed from its text, because the parser's end line is not always right.
    private mutating func noteCode(_ event: MarkdownEvent, _ marks: String?) {
        let first = event.line - 1
        let count = MarkdownSource(event.text).lines.count - 1
        let start = source.lines[first].lowerBound + event.column - 1
        guard let marks else {
            for line in (first + 1)..<max(first + 1, min(first + count, costs.count)) { costs[line] = Cost.codeLine }
            return
        }
        guard start < source.lines[first].upperBound, source.bytes[start...].starts(with: marks.utf8) else { return }
        let prefix = source.bytes[source.lines[first].lowerBound..<start].map { byte in
            byte == UInt8(ascii: ">") || byte == UInt8(ascii: "\t") ? byte : UInt8(ascii: " ")
        }
        var found = Fence(
            prefix: String(decoding: prefix, as: UTF8.self),
            opening: source.string(start..<source.lines[first].upperBound), closing: marks)
        if found.openingUnits + found.closingUnits > limit / 2 { found.opening = marks }
        let isKept = found.openingUnits + found.closingUnits <= limit / 2
        if isKept { fences.append(found) }
        var end = min(first + 1 + count, source.lines.count)
        if end < source.lines.count, closes(end, marks) { end += 1 }
        for line in (first + 1)..<max(first + 1, end) {
            costs[line] = line == first + 1 || line == first + count + 1 ? Cost.edgeOfCode : Cost.codeLine
            if isKept { fence[line] = fences.count - 1 }
        }
    }

    private func closes(_ line: Int, _ marks: String) -> Bool {
        let text = source.string(source.lines[line]).drop { " \t>".contains($0) }
        return text.hasPrefix(marks) && text.allSatisfy { $0 == marks.first || $0 == " " || $0 == "\t" }
    }
}

extension MarkdownOutline {
    /// Appends the pieces of a line: one if it is short enough.
    private mutating func cut(_ line: Int) {
        let range = source.lines[line]
        // A part that ends behind the opening fence needs the closing one too.
        let around =
            [line, line + 1].compactMap { $0 < fence.count ? fence[$0] : nil }
            .map { fences[$0].openingUnits + fences[$0].closingUnits }.max() ?? 0
        let longest = max(8, limit - around - 4)
        var rest = source.string(range)[...]
        var start = range.lowerBound
        var cost = costs[line]
        while rest.utf16.count > longest {
            let end = boundary(in: rest, from: start, line, atMost: longest)
            let count = rest[..<end].utf8.count
            pieces.append(
                Piece(bytes: start..<(start + count), units: rest[..<end].utf16.count, line: line, cost: cost))
            (rest, start, cost) = (rest[end...], start + count, Cost.insideLine)
        }
        let units = rest.utf16.count + source.next(line) - range.upperBound
        pieces.append(Piece(bytes: start..<source.next(line), units: units, line: line, cost: cost))
    }

    /// The end of the longest piece of at most `units` UTF-16 units: after the last space in the second half that is
    /// outside code spans and links; else between two characters; within a character that is longer, between two
    /// scalars.
    private func boundary(in text: Substring, from offset: Int, _ line: Int, atMost units: Int) -> Substring.Index {
        let limit = text.utf16.index(text.startIndex, offsetBy: units)
        let half = text.utf16.index(text.startIndex, offsetBy: units / 2)
        var end = text.startIndex
        var space: Substring.Index?
        var at = offset
        let atoms = atoms[line] ?? []
        while end < text.endIndex {
            let next = text.index(after: end)
            guard next <= limit else { break }
            at += text[end..<next].utf8.count
            if text[end] == " ", next > half, !atoms.contains(where: { $0.lowerBound < at && at < $0.upperBound }) {
                space = next
            }
            end = next
        }
        if let space { return space }
        guard end == text.startIndex else { return end }
        return text.unicodeScalars.indices.last { $0 <= limit } ?? limit
    }
}

extension MarkdownOutline {
    private func fence(at piece: Int) -> Fence? {
        guard piece < pieces.count else { return nil }
        return fence[pieces[piece].line].map { fences[$0] }
    }

    /// Whether the piece is a blank line outside code, which a part need not begin with.
    func isBlank(_ piece: Int) -> Bool { fence(at: piece) == nil && source.isBlank(pieces[piece].line) }

    /// UTF-16 units of the fence that a part which begins with that piece has to open.
    func opening(_ piece: Int) -> Int { fence(at: piece)?.openingUnits ?? 0 }
    /// UTF-16 units of the fence that a part which ends before that piece has to close.
    func closing(_ piece: Int) -> Int { fence(at: piece)?.closingUnits ?? 0 }

    /// The text of a part.
    func text(_ range: Range<Int>) -> String {
        guard let first = range.first else { return "" }
        let outdent = first == 0 ? 0 : outdent(first)
        var text = ""
        if let fence = fence(at: first) {
            text += fence.prefix.outdented(outdent) + fence.opening + "\n"
        }
        for piece in range {
            let piece = pieces[piece]
            let written = source.string(piece.bytes)
            let isMoved =
                outdent > 0 && piece.bytes.lowerBound == source.lines[piece.line].lowerBound
                && block[piece.line] == block[pieces[first].line]
            let most = fence[piece.line].map { min(outdent, fences[$0].prefix.utf8.count) } ?? outdent
            text += isMoved ? written.outdented(most) : written
        }
        guard let fence = fence(at: range.upperBound) else { return String(text.trimmingBlankLines) }
        if text.last?.isNewline == true { text.removeLast() }
        return text + "\n" + fence.prefix.outdented(outdent) + fence.closing
    }

    /// Number of spaces by which the lines of a cut block are outdented in a part that begins with that piece: an
    /// indent of four spaces would make them code.
    private func outdent(_ piece: Int) -> Int {
        if let fence = fence(at: piece) {
            let isIndented = fence.prefix.allSatisfy { $0 == " " } && fence.prefix.utf8.count >= 4
            return isIndented ? fence.prefix.utf8.count : 0
        }
        let piece = pieces[piece]
        guard costs[piece.line] != Cost.codeLine else { return 0 }
        let spaces = source.bytes[source.lines[piece.line]].prefix { $0 == 32 }.count
        return spaces >= 4 && block[piece.line] != piece.line ? spaces : 0
    }
}

extension String {
    /// The text with at most `most` leading spaces removed.
    fileprivate func outdented(_ most: Int) -> String {
        let spaces = min(most, utf8.prefix { $0 == 32 }.count)
        return spaces == 0 ? self : String(utf8.dropFirst(spaces)) ?? self
    }

    /// The text without line breaks and blank lines at the end.
    fileprivate var trimmingBlankLines: Substring {
        let words = utf8.lastIndex { ![32, 9, 10, 13].contains($0) }.map { utf8.index(after: $0) } ?? startIndex
        let end = self[words...].utf8.firstIndex { $0 == 10 || $0 == 13 } ?? endIndex
        return self[..<end]
    }
}
