/// A model's Markdown made fit for Slack's markdown block and, where blocks are refused, for plain `text`.
enum Markdown {
    /// What Slack's markdown block gets: nothing in it can notify a user, and tables, which the block does not draw,
    /// are code with aligned columns. All other text stays as it is, byte for byte.
    static func forBlock(_ markdown: String) -> String {
        let safe = harmless(markdown)
        let drawn = MarkdownTable.asCode(in: safe)
        // A table that became code may have changed how what follows is read.
        return drawn == safe ? safe : harmless(drawn)
    }

    /// ``forBlock(_:)`` in parts that each fit a block.
    static func parts(_ markdown: String, limit: Int = MarkdownParts.limit) -> [String] {
        var parts = MarkdownParts.split(forBlock(markdown), limit: limit)
        guard parts.count > 1 else { return parts }
        for _ in 0..<4 {
            // Half of a code span is text, and what stands in it must be broken too.
            let safe = parts.map(harmless)
            if safe == parts { return parts }
            parts = safe.flatMap { MarkdownParts.split($0, limit: limit) }
        }
        return MarkdownParts.split(MarkdownMentions.broken(forBlock(markdown)), limit: limit)
            .map(MarkdownMentions.broken).flatMap { MarkdownParts.split($0, limit: limit) }
    }

    /// Breaks what would ping people: special mentions in angle brackets and the bare words. Code stays as it is, and
    /// so do web addresses.
    static func harmless(_ text: String) -> String { MarkdownMentions.harmless(text) }

    /// Slack's mrkdwn for `markdown`: text escaped, what has a form there in its form, the rest as text. Notifies
    /// no user.
    static func asMrkdwn(_ markdown: String) -> String {
        guard let document = MarkdownDocument(markdown) else { return escape(MarkdownMentions.broken(markdown)) }
        let written = MarkdownMrkdwn.render(document)
        // What is nothing but definitions or marks has no words of its own.
        return written.allSatisfy(\.isWhitespace) ? escape(MarkdownMentions.broken(markdown)) : written
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
