/// Markdown as bytes, split into lines as CommonMark does: at LF, CR LF and CR. Lines are counted from 0.
struct MarkdownSource: Sendable {
    let bytes: [UInt8]
    /// The byte range of each line without its line break.
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

    /// Byte offset of the next line; the end of the source for the last line.
    func next(_ line: Int) -> Int { line + 1 < lines.count ? lines[line + 1].lowerBound : bytes.count }

    /// Whether the line has only spaces and tabs.
    func isBlank(_ line: Int) -> Bool { bytes[lines[line]].allSatisfy { $0 == 32 || $0 == 9 } }

    /// The leading spaces, tabs and `>` of a line.
    func margin(_ line: Int) -> ArraySlice<UInt8> {
        bytes[lines[line]].prefix { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: ">") }
    }

    /// The text of a range of bytes.
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
