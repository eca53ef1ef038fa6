/// Markdown as bytes, with the lines as CommonMark counts them: cut at LF, CR LF and CR.
struct MarkdownSource: Sendable {
    let bytes: [UInt8]
    /// Each line without its end.
    let lines: [Range<Int>]

    init(_ markdown: String) {
        bytes = Array(markdown.utf8)
        var lines: [Range<Int>] = []
        var start = 0
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                lines.append(start..<at)
                if byte == UInt8(ascii: "\r"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\n") { at += 1 }
                start = at + 1
            }
            at += 1
        }
        lines.append(start..<bytes.count)
        self.lines = lines
    }

    /// Where the line after that one begins, and the end of the source after the last.
    func next(_ line: Int) -> Int { line + 1 < lines.count ? lines[line + 1].lowerBound : bytes.count }

    func isBlank(_ line: Int) -> Bool { bytes[lines[line]].allSatisfy { $0 == 32 || $0 == 9 } }

    /// The bytes before the first that is neither white space nor the mark of a quote.
    func margin(_ line: Int) -> ArraySlice<UInt8> {
        bytes[lines[line]].prefix { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: ">") }
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
