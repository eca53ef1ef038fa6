/// A model's Markdown made fit for Slack's markdown block and, where blocks are refused, for plain `text`.
enum Markdown {
    /// What Slack's markdown block gets: nothing in it can notify anybody, and tables, which the block does not draw,
    /// are code with aligned columns.
    static func forBlock(_ markdown: String) -> String { MarkdownTable.asCode(in: harmless(markdown)) }

    /// Breaks what would ping people: special mentions in angle brackets and the bare words. An invisible space in the
    /// middle keeps the text readable.
    static func harmless(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "@") }) else { return text }
        var safe = ""
        var previous: Character = " "
        var rest = text[...]
        while let character = rest.popFirst() {
            safe.append(character)
            if character == "<", let next = rest.first, "!@#".contains(next) {
                safe.append("\u{200B}")
            } else if character == "@", !previous.isLetter, !previous.isNumber,
                ["here", "channel", "everyone"].contains(where: { rest.hasPrefix($0) })
            {
                safe.append("\u{200B}")
            }
            previous = character
        }
        return safe
    }

    /// Slack's mrkdwn for `text`: control characters escaped, bold and headings with one star, links in angle brackets.
    static func asMrkdwn(_ markdown: String) -> String {
        var inFence = false
        return markdown.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                inFence.toggle()
                return "```"
            }
            let escaped = escape(String(line))
            return inFence ? escaped : inline(escaped)
        }.joined(separator: "\n")
    }

    /// `&`, `<` and `>` escaped, nothing else (docs.slack.dev, Formatting message text).
    static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: { [UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">")].contains($0) })
        else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    // Read by hand: a regular expression literal is compiled anew at each use, which cost more than the whole rest of an
    // answer's rendering.

    /// One escaped line outside of code.
    private static func inline(_ line: String) -> String {
        if let words = heading(line) { return links(bold("*\(words.replacing("**", with: ""))*")) }
        if let (indent, words) = item(line) { return links(bold("\(indent)• \(words)")) }
        guard line.hasPrefix("&gt;") else { return links(bold(line)) }
        let quoted = line.dropFirst(4)
        return links(bold("> \(quoted.hasPrefix(" ") ? quoted.dropFirst() : quoted)"))
    }

    /// The words of `## A heading ##`; nil when it is none.
    private static func heading(_ line: String) -> Substring? {
        let rest = line.drop { $0 == "#" }
        let level = line.utf8.count - rest.utf8.count
        var words = rest.drop { $0 == " " }
        guard (1...6).contains(level), rest.hasPrefix(" "), !words.isEmpty else { return nil }
        for closing: Character in ["#", " "] { while words.last == closing, words.dropFirst().last != nil { words.removeLast() } }
        return words
    }

    /// The indent and the words of `- an item`; nil when it is none.
    private static func item(_ line: String) -> (indent: Substring, words: Substring)? {
        let marked = line.drop { $0 == " " }
        guard marked.hasPrefix("- ") || marked.hasPrefix("* ") else { return nil }
        let words = marked.dropFirst(2)
        return words.isEmpty ? nil : (line[..<marked.startIndex], words)
    }

    private static func bold(_ line: String) -> String {
        guard line.utf8.contains(UInt8(ascii: "*")) else { return line }
        var output = ""
        var rest = line[...]
        while let start = rest.firstRange(of: "**"), start.upperBound < rest.endIndex {
            // Something stands between the stars.
            let inside = rest.index(after: start.upperBound)
            guard let end = rest[inside...].firstRange(of: "**") else { break }
            output += rest[..<start.lowerBound] + "*" + rest[start.upperBound..<end.lowerBound] + "*"
            rest = rest[end.upperBound...]
        }
        return output + rest
    }

    private static func links(_ line: String) -> String {
        guard line.utf8.contains(UInt8(ascii: "[")) else { return line }
        var output = ""
        var rest = line[...]
        while let start = rest.firstIndex(of: "[") {
            let inside = rest[rest.index(after: start)...]
            guard let link = link(inside) else {
                output += rest[...start]
                rest = inside
                continue
            }
            output += rest[..<start] + "<\(link.address)|\(link.words)>"
            rest = link.after
        }
        return output + rest
    }

    /// `words](address)` at the beginning of the text.
    private static func link(_ text: Substring) -> (words: Substring, address: Substring, after: Substring)? {
        guard let close = text.firstIndex(of: "]"), close > text.startIndex else { return nil }
        let target = text[close...].dropFirst()
        guard target.hasPrefix("(http:") || target.hasPrefix("(https:") else { return nil }
        let address = target.dropFirst().prefix { $0 != ")" && $0 != "|" && !$0.isWhitespace }
        let after = target[address.endIndex...]
        guard after.first == ")", address != "http:", address != "https:" else { return nil }
        return (text[..<close], address, after.dropFirst())
    }
}
