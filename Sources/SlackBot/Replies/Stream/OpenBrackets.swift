/// The square and round brackets that are open in a paragraph. A link may be broken over its lines, and a text that was cut
/// within one would not say where the link leads.
///
/// Where it is not certain how a renderer reads a bracket, as after a single backquote, it counts as open: the text is
/// sent later then, at the end of the paragraph or, of one that is longer, when a whole message is full.
struct OpenBrackets {
    /// What may be a code span: backquotes have begun it, and brackets count within it only.
    private struct Code {
        let ticks: Int
        var counts: [Unicode.Scalar: Int] = [:]
    }

    private var counts: [Unicode.Scalar: Int] = [:]
    private var code: Code?
    /// The length of the run of backquotes that is being read.
    private var ticks = 0
    private var isEscaped = false

    var areClosed: Bool {
        counts.values.allSatisfy { $0 == 0 } && (code?.counts ?? [:]).values.allSatisfy { $0 == 0 }
    }

    mutating func read(_ text: String) { for scalar in text.unicodeScalars { read(scalar) } }

    mutating func read(_ scalar: Unicode.Scalar) {
        // A backslash does not escape in code.
        if scalar == "`", !isEscaped || code != nil || ticks > 0 {
            ticks += 1
            isEscaped = false
            return
        }
        if ticks > 0 { endTicks() }
        let wasEscaped = isEscaped
        isEscaped = scalar == "\\" && !wasEscaped
        if let opening = Self.pairs[scalar], !wasEscaped {
            count(opening, by: -1)
        } else if Self.pairs.values.contains(scalar), !wasEscaped || code != nil {
            count(scalar, by: 1)
        }
    }

    private mutating func endTicks() {
        if code == nil {
            code = Code(ticks: ticks)
        } else if code?.ticks == ticks {
            code = nil
        }
        ticks = 0
    }

    private mutating func count(_ bracket: Unicode.Scalar, by change: Int) {
        if var open = code {
            open.counts[bracket] = max(0, open.counts[bracket, default: 0] + change)
            code = open
        } else {
            counts[bracket] = max(0, counts[bracket, default: 0] + change)
        }
    }

    private static let pairs: [Unicode.Scalar: Unicode.Scalar] = ["]": "[", ")": "("]

    /// Whether a line certainly ends the paragraph before it, if there is one: a blank line, also in a quote, and an item with a bullet.
    static func isParagraphEnded(by line: String) -> Bool {
        let text = line.drop { $0 == " " }
        if text.allSatisfy({ $0 == " " || $0 == "\t" || $0 == ">" }) { return true }
        // A line that is indented further continues the paragraph.
        guard line.utf8.count - text.utf8.count <= 3 else { return false }
        return ["- ", "* ", "+ "].contains { text.hasPrefix($0) } && !text.dropFirst(2).trimmingSpace.isEmpty
    }
}
