/// Writes the inline nodes of one block as Slack's mrkdwn.
struct MarkdownMrkdwnLine {
    private var bytes: [UInt8] = []
    /// Byte ranges of code and addresses, in which mentions are not broken.
    private var protected: [Range<Int>] = []
    /// The open formatting marks, outermost first.
    private var marks: [UInt8] = []
    /// Start of the link text of each open link, in bytes.
    private var links: [Int] = []
    private let isHeading: Bool

    /// - Parameter isHeading: whether the whole text is bold; mrkdwn has no headings.
    init(isHeading: Bool) {
        self.isHeading = isHeading
        if isHeading { open(Self.star) }
    }

    private static let star = UInt8(ascii: "*")

    /// Adds an inline node; other nodes are ignored.
    mutating func handle(_ event: MarkdownEvent) {
        switch (event.kind, event.step) {
        case (.text, _), (.html, _): bytes += Markdown.escape(event.text).utf8
        case (.code, _): code(event.text)
        case (.softBreak, _), (.hardBreak, _): lineBreak()
        case (.emphasis, let step): mark(UInt8(ascii: "_"), step)
        case (.strong, let step): mark(Self.star, step)
        case (.strike, let step): mark(UInt8(ascii: "~"), step)
        case (.link, .enter), (.image, .enter): links.append(bytes.count)
        case (.link, .leave), (.image, .leave): endLink(event.text)
        default: break
        }
    }

    /// The text so far as lines, with mention words broken.
    var lines: [String] {
        var ended = self
        if isHeading {
            guard bytes.count > 1 else { return [""] }
            ended.close(Self.star)
        }
        return ended.safe.lines.map(String.init)
    }

    private var safe: String {
        var written: [UInt8] = []
        var from = 0
        var protected = protected[...]
        for place in MarkdownMentions.places(in: bytes) where place.isWord {
            while let first = protected.first, first.upperBound <= place.offset { protected.removeFirst() }
            if let first = protected.first, first.contains(place.offset) { continue }
            written += bytes[from..<place.offset]
            written += MarkdownMentions.breaker.utf8
            from = place.offset
        }
        return String(decoding: written + bytes[from...], as: UTF8.self)
    }

    /// Slack does not format link text, and does not nest a mark in itself.
    private mutating func mark(_ mark: UInt8, _ step: MarkdownEvent.Step) {
        guard links.isEmpty else { return }
        if step == .leave { close(mark) } else { open(mark) }
    }

    private mutating func open(_ mark: UInt8) {
        if !marks.contains(mark) { bytes.append(mark) }
        marks.append(mark)
    }

    private mutating func close(_ mark: UInt8) {
        guard let last = marks.lastIndex(of: mark) else { return }
        marks.remove(at: last)
        if !marks.contains(mark) { bytes.append(mark) }
    }

    /// Slack's formatting ends with its line, so open marks are closed and opened again.
    private mutating func lineBreak() {
        guard links.isEmpty else { return bytes.append(UInt8(ascii: " ")) }
        var open: [UInt8] = []
        for mark in marks where !open.contains(mark) { open.append(mark) }
        bytes += open.reversed()
        bytes.append(UInt8(ascii: "\n"))
        bytes += open
    }

    private mutating func code(_ text: String) {
        guard links.isEmpty else {
            bytes += Markdown.escape(text).utf8
            return
        }
        let start = bytes.count
        // Slack's code span ends at the first backtick; only a code block can contain backticks.
        let tick = text.contains("`") ? "```" : "`"
        let isAtEdge = text.hasPrefix("`") || text.hasSuffix("`")
        let inner = tick.count == 1 ? text : Self.breakingFences(text[...])
        let edge = isAtEdge ? " " : ""
        bytes += (tick + edge + Markdown.escape(inner) + edge + tick).utf8
        protected.append(start..<bytes.count)
    }

    /// Puts zero-width spaces into each run of three backticks, which would end a code block in Slack.
    static func breakingFences(_ text: Substring) -> String {
        text.contains("```") ? String(text).replacing("``", with: "`\u{200B}`\u{200B}") : String(text)
    }

    private mutating func endLink(_ address: String) {
        guard let start = links.popLast(), links.isEmpty else { return }
        var words = Array(bytes[start...])
        bytes.removeSubrange(start...)
        if let host = MarkdownLinks.hiddenHost(String(decoding: words, as: UTF8.self), address) {
            words += " (\(host))".utf8
        }
        guard let target = Self.target(address) else {
            bytes += words
            let plain = Array(Markdown.escape(address).utf8)
            if !plain.isEmpty, plain != words {
                bytes += words.isEmpty ? plain : Array(" (".utf8) + plain + Array(")".utf8)
            }
            return
        }
        bytes += "<\(target)".utf8
        protected.append(start..<bytes.count)
        if !words.isEmpty, words != Array(Markdown.escape(address).utf8) { bytes += Array("|".utf8) + words }
        bytes.append(UInt8(ascii: ">"))
    }

    /// The address encoded for Slack's angle brackets; nil unless its scheme is http, https or mailto.
    private static func target(_ address: String) -> String? {
        let isLink = ["https://", "http://", "mailto:"].contains { scheme in
            address.utf8.count > scheme.utf8.count && address.prefix(scheme.count).lowercased() == scheme
        }
        guard isLink else { return nil }
        var encoded = ""
        for scalar in address.unicodeScalars {
            switch scalar {
            case "|": encoded += "%7C"
            case "<": encoded += "%3C"
            case ">": encoded += "%3E"
            case "&": encoded += "&amp;"
            case "\n": encoded += "%0A"
            case _ where scalar.value <= 32:
                encoded += "%" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: encoded.unicodeScalars.append(scalar)
            }
        }
        return encoded
    }
}
