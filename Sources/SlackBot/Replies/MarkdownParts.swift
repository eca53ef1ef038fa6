/// Cuts Markdown into parts that each fit one Slack message, losing nothing: at a blank line if there is one, else at a
/// line, else between words, else anywhere between characters; a code fence that is cut is closed and opened again.
enum MarkdownParts {
    /// A markdown block takes 12,000 characters over all blocks of a message, and messages of more than some 11,000
    /// counted characters have been refused; this leaves room for the context line and the text for notifications.
    /// Counted in UTF-16 units: what Slack counts is nowhere said, and this is never less than characters.
    static let limit = 8_000

    static func split(_ markdown: String, limit: Int = Self.limit) -> [String] {
        // Bytes are never fewer than units, and no line is too long here.
        if markdown.utf8.count <= longestLine(limit) { return [markdown] }
        var parts: [String] = []
        var part = PartBuilder(limit: limit)
        for line in lines(of: markdown, limit: limit) {
            if !part.fits(line) { parts.append(part.cut()) }
            part.append(line)
        }
        if !part.isEmpty { parts.append(part.text) }
        return parts.isEmpty ? [""] : parts
    }

    private static func longestLine(_ limit: Int) -> Int { limit - 64 }

    /// The lines, those that alone are too long cut into several.
    private static func lines(of markdown: String, limit: Int) -> [Substring] {
        let longest = longestLine(limit)
        return markdown.lines.flatMap { line -> [Substring] in
            var rest = line
            var pieces: [Substring] = []
            while rest.utf16.count > longest {
                let end = boundary(in: rest, atMost: longest)
                let space = rest[..<end].lastIndex(of: " ").map { rest.index(after: $0) } ?? end
                let cut = rest[..<space].utf16.count > longest / 2 ? space : end
                pieces.append(rest[..<cut])
                rest = rest[cut...]
            }
            return pieces + [rest]
        }
    }

    /// The last place between two characters within so many units; between two scalars when one character is longer.
    private static func boundary(in text: Substring, atMost units: Int) -> Substring.Index {
        let limit = text.utf16.index(text.startIndex, offsetBy: units)
        var end = text.startIndex
        while true {
            let next = text.index(after: end)
            guard next <= limit else { break }
            end = next
        }
        guard end == text.startIndex else { return end }
        return text.unicodeScalars.indices.last { $0 <= limit } ?? limit
    }
}

/// One part as it grows.
private struct PartBuilder {
    let limit: Int
    private var lines: [Substring] = []
    private var count = 0
    /// The line that opened the fence in which the next line is.
    private var fence: Substring?
    /// As `fence`, before each of `lines`.
    private var fences: [Substring?] = []

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { lines.isEmpty }
    var text: String { lines.joined(separator: "\n") }

    /// Room is kept for closing a fence.
    func fits(_ line: Substring) -> Bool { lines.isEmpty || count + line.utf16.count + 1 + 8 <= limit }

    mutating func append(_ line: Substring) {
        fences.append(fence)
        lines.append(line)
        count += line.utf16.count + 1
        let trimmed = line.drop { $0 == " " }
        guard trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") else { return }
        if let open = fence {
            if trimmed.hasPrefix(open.drop { $0 == " " }.prefix(3)) { fence = nil }
        } else {
            fence = line
        }
    }

    /// Ends this part and gives it; what must come first in the following one stays here.
    mutating func cut() -> String {
        // A paragraph's end in the last half is the best place; the lines after it move on.
        let half = lines.count / 2
        let blank = lines.indices.last { $0 > half && lines[$0].allSatisfy(\.isWhitespace) && fences[$0] == nil }
        let end = blank ?? lines.count
        let openFence = end < lines.count ? fences[end] : fence
        var text = lines[..<end].joined(separator: "\n")
        var rest = PartBuilder(limit: limit)
        if let openFence {
            text += "\n" + openFence.drop { $0 == " " }.prefix { $0 == "`" || $0 == "~" }
            rest.append(openFence)
        }
        for line in lines[end...].dropFirst(blank == nil ? 0 : 1) { rest.append(line) }
        self = rest
        return text
    }
}
