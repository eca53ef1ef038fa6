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
        return markdown.lines.map { line -> String in
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                inFence.toggle()
                return "```"
            }
            let escaped = escape(String(line))
            return inFence ? escaped : MarkdownLine.asMrkdwn(escaped)
        }.joined(separator: "\n")
    }

    /// `&`, `<` and `>` escaped; nothing else (docs.slack.dev, Formatting message text).
    static func escape(_ text: String) -> String {
        var escaped = [UInt8]()
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            case UInt8(ascii: ">"): escaped += "&gt;".utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
