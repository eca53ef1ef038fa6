/// One line outside code, already escaped, in Slack's mrkdwn. Read byte by byte: everything that matters is ASCII, and
/// every answer passes here.
enum MarkdownLine {
    private typealias Bytes = ArraySlice<UInt8>

    static func asMrkdwn(_ line: String) -> String {
        let bytes = Array(line.utf8)[...]
        var written = [UInt8]()
        written.reserveCapacity(bytes.count + 8)
        if let heading = heading(bytes) {
            written.append(UInt8(ascii: "*"))
            inline(removingStars(heading)[...], into: &written)
            written.append(UInt8(ascii: "*"))
        } else if let (indent, item) = item(bytes) {
            written += indent
            written += "• ".utf8
            inline(item, into: &written)
        } else if bytes.starts(with: "&gt;".utf8) {
            written += "> ".utf8
            inline(bytes.dropFirst(4).dropFirst(bytes.dropFirst(4).first == space ? 1 : 0), into: &written)
        } else {
            inline(bytes, into: &written)
        }
        return String(decoding: written, as: UTF8.self)
    }

    private static let space = UInt8(ascii: " ")
    private static let star = UInt8(ascii: "*")
    private static let hash = UInt8(ascii: "#")

    /// The words of `## A heading ##`; nil for another line.
    private static func heading(_ line: Bytes) -> Bytes? {
        let hashes = line.prefix { $0 == hash }.count
        let rest = line.dropFirst(hashes)
        guard (1...6).contains(hashes), rest.first == space else { return nil }
        var words = rest.drop { $0 == space }
        while words.count > 1, words.last == hash { words.removeLast() }
        while words.count > 1, words.last == space { words.removeLast() }
        return words.isEmpty ? nil : words
    }

    private static func removingStars(_ words: Bytes) -> [UInt8] {
        var rest = words
        var plain = [UInt8]()
        while let byte = rest.popFirst() {
            if byte == star, rest.first == star { rest.removeFirst() } else { plain.append(byte) }
        }
        return plain
    }

    /// The indent and the words of `  - an item`; nil for another line.
    private static func item(_ line: Bytes) -> (Bytes, Bytes)? {
        let indent = line.prefix { $0 == space }
        let rest = line.dropFirst(indent.count)
        guard let mark = rest.first, mark == star || mark == UInt8(ascii: "-"), rest.dropFirst().first == space,
            rest.count > 2
        else { return nil }
        return (indent, rest.dropFirst(2))
    }

    /// `**bold**` with one star, `[words](https://…)` as Slack writes links; the rest as it is.
    private static func inline(_ text: Bytes, into written: inout [UInt8]) {
        var rest = text
        while let byte = rest.popFirst() {
            if byte == star, rest.first == star, let end = bold(rest.dropFirst()) {
                written.append(star)
                inline(rest[(rest.startIndex + 1)..<end], into: &written)
                written.append(star)
                rest = rest[(end + 2)...]
            } else if byte == UInt8(ascii: "["), let link = link(rest) {
                written += "<".utf8
                written += link.address
                written += "|".utf8
                written += link.words
                written += ">".utf8
                rest = link.rest
            } else {
                written.append(byte)
            }
        }
    }

    /// Where the two stars stand that end what begins here; nil when nothing ends it or nothing is in it.
    private static func bold(_ text: Bytes) -> Int? {
        var at = text.startIndex + 1
        while at + 1 < text.endIndex {
            if text[at] == star, text[at + 1] == star { return at }
            at += 1
        }
        return nil
    }

    private static func link(_ text: Bytes) -> (words: Bytes, address: Bytes, rest: Bytes)? {
        guard let close = text.firstIndex(of: UInt8(ascii: "]")), close > text.startIndex else { return nil }
        let after = text[(close + 1)...]
        guard after.first == UInt8(ascii: "(") else { return nil }
        let target = after.dropFirst()
        guard target.starts(with: "http:".utf8) || target.starts(with: "https:".utf8),
            let end = target.firstIndex(where: { $0 == UInt8(ascii: ")") || $0 <= space || $0 == UInt8(ascii: "|") }),
            target[end] == UInt8(ascii: ")"), end > target.startIndex + 5
        else { return nil }
        return (text[..<close], target[..<end], target[(end + 1)...])
    }
}
