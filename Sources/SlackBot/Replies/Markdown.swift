/// A model's Markdown made fit for Slack's markdown block and, where blocks are refused, for plain `text`.
enum Markdown {
    /// What Slack's markdown block gets: nothing in it can notify anybody, and tables, which the block does not draw,
    /// are code with aligned columns.
    static func forBlock(_ markdown: String) -> String { MarkdownTable.asCode(in: harmless(markdown)) }

    /// Breaks what would ping people: special mentions in angle brackets and the bare words. An invisible space in the
    /// middle keeps the text readable.
    static func harmless(_ text: String) -> String {
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

    /// `&`, `<` and `>` escaped, in that order; nothing else (docs.slack.dev, Formatting message text).
    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func inline(_ line: String) -> String {
        var line = line
        if let heading = line.wholeMatch(of: /#{1,6} +(.+?) *#*/) { line = "*\(heading.1.replacing("**", with: ""))*" }
        if let item = line.wholeMatch(of: /( *)[-*] (.+)/) { line = "\(item.1)• \(item.2)" }
        if let quote = line.wholeMatch(of: /(?:&gt;) ?(.*)/) { line = "> \(quote.1)" }
        line = line.replacing(/\*\*(.+?)\*\*/) { "*\($0.1)*" }
        line = line.replacing(/\[([^\]]+)\]\((https?:[^)\s|]+)\)/) { "<\($0.2)|\($0.1)>" }
        return line
    }
}
