/// Where the lines of streamed Markdown stand: in a code block or not. Lines are read once, in order, so that what is
/// sent does not depend on later text.
struct StreamFence: Sendable, Hashable {
    /// An open code block.
    struct Block: Sendable, Hashable {
        /// The text before the fence, which keeps it in its block quotes and items.
        let prefix: String
        /// The fence with its info string.
        let opening: String
        /// The fence without its info string.
        let marks: String
    }

    /// nil outside code blocks.
    private(set) var block: Block?
    /// False once a line occurred whose effect on fences only a parser tells: a fence in a list or quote, or HTML.
    private var isPlain = true

    /// Whether a renderer certainly shows the next line as code.
    var isCertainlyCode: Bool { block != nil && isPlain }

    /// Reads a whole line, without its line break.
    mutating func read(_ line: String) {
        if let open = block {
            if closes(line, open) { block = nil }
            return
        }
        let (margin, rest) = Self.split(line)
        if rest.hasPrefix("<") { isPlain = false }
        guard let mark = rest.first, mark == "`" || mark == "~" else { return }
        let marks = String(rest.prefix { $0 == mark })
        // The info string of a fence of backticks contains none; such a line is a code span.
        guard marks.utf8.count >= 3, mark == "~" || !rest.dropFirst(marks.count).contains("`") else { return }
        if !margin.isEmpty { isPlain = false }
        let opening = rest.trimmingSpace
        block = Block(
            prefix: String(margin.map { $0 == ">" || $0 == "\t" ? $0 : " " }),
            opening: opening.utf16.count > Self.longestOpening ? marks : opening, marks: marks)
    }

    private func closes(_ line: String, _ block: Block) -> Bool {
        let text = line.drop { isPlain ? $0 == " " : $0 == " " || $0 == "\t" || $0 == ">" }
        // Four spaces make it a line of the code.
        guard !isPlain || text.startIndex.utf16Offset(in: line) < 4, text.hasPrefix(block.marks) else { return false }
        return text.drop { $0 == block.marks.first }.allSatisfy { $0 == " " || $0 == "\t" }
    }

    /// A longer info string is not repeated when a code block is opened again.
    private static let longestOpening = 100

    /// Ends an open code block at the end of a message; empty outside code.
    ///
    /// - Parameter isInLine: whether the text ends within a line.
    func closing(isInLine: Bool) -> String {
        block.map { (isInLine ? "\n" : "") + $0.prefix + $0.marks } ?? ""
    }

    /// Opens the code block again in the next message; empty outside code.
    var reopening: String { block.map { $0.prefix + $0.opening + "\n" } ?? "" }

    /// The margin of a line (space, quote and item marks) and the rest.
    private static func split(_ line: String) -> (margin: String, rest: String) {
        var rest = line[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == ">" }
            let numbered = rest.drop { $0.isASCII && $0.isNumber }
            let isNumbered =
                numbered.startIndex > rest.startIndex && (numbered.hasPrefix(". ") || numbered.hasPrefix(") "))
            let isBullet = ["- ", "* ", "+ "].contains { rest.hasPrefix($0) }
            guard isNumbered || isBullet else { return (String(line[..<rest.startIndex]), String(rest)) }
            rest = (isNumbered ? numbered : rest).dropFirst(2)
        }
    }
}
