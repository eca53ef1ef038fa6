/// Limits of what is parsed. cmark-gfm 0.29.0.gfm.6 takes quadratic time or memory for some inputs that no normal
/// answer has: deeply nested quotes, tables of a thousand columns, addresses of unlimited length.
enum MarkdownBounds {
    /// The cmark extensions with which `source` may be parsed; nil when it may not be parsed.
    static func extensions(for source: MarkdownSource) -> [String]? {
        guard source.bytes.count <= 256 * 1_024 else { return nil }
        var columns = 0
        for line in source.lines {
            let bytes = source.bytes[line]
            if markers(bytes) > 24 { return nil }
            columns = max(columns, columnsOfRule(bytes))
        }
        var extensions = ["strikethrough", "tasklist"]
        // cmark fills a row that is shorter than its table's head with empty cells.
        if columns * source.lines.count <= 200_000 { extensions.append("table") }
        // For each `@` cmark reads back to the last white space.
        let ats = source.bytes.count { $0 == UInt8(ascii: "@") }
        if ats * source.bytes.count <= 10_000_000 { extensions.append("autolink") }
        return extensions
    }

    /// Number of block quote and item markers at the beginning of the line; 0 for a thematic break.
    private static func markers(_ line: ArraySlice<UInt8>) -> Int {
        let space = UInt8(ascii: " ")
        let tab = UInt8(ascii: "\t")
        var count = 0
        var digits = 0
        var bullets: Set<UInt8> = []
        for (at, byte) in zip(line.indices, line) {
            let next = at + 1 < line.endIndex ? line[at + 1] : space
            switch byte {
            case space, tab: digits = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: ">"): count += 1
            case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"):
                guard next == space || next == tab else { return count }
                bullets.insert(byte)
                count += 1
            case UInt8(ascii: "."), UInt8(ascii: ")"):
                guard digits > 0, next == space || next == tab else { return count }
                digits = 0
                bullets.insert(0)
                count += 1
            default: return count
            }
        }
        return bullets == [UInt8(ascii: "-")] || bullets == [UInt8(ascii: "*")] ? 0 : count
    }

    /// Number of columns if the line could be a table's delimiter row; else 0.
    private static func columnsOfRule(_ line: ArraySlice<UInt8>) -> Int {
        var columns = 1
        for byte in line {
            switch byte {
            case UInt8(ascii: "|"): columns += 1
            case UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ">"),
                UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ")"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), 11, 12:
                break
            default: return 0
            }
        }
        return columns
    }
}
