/// Converts a model's Markdown for Slack's markdown block and, where Slack refuses blocks, for plain `text`.
enum Markdown {
    /// The text of a markdown block: without mentions that would notify, with the host of links whose text shows
    /// another, and with tables, which the block does not render, as code with aligned columns. All other text is
    /// unchanged, byte for byte.
    static func forBlock(_ markdown: String) -> String {
        let safe = safe(markdown)
        let drawn = MarkdownTable.asCode(in: safe)
        // A table that became code may have changed how the text after it is parsed.
        return drawn == safe ? safe : Self.safe(drawn)
    }

    /// ``forBlock(_:)`` in parts of at most `limit` UTF-16 units each.
    static func parts(_ markdown: String, limit: Int = MarkdownParts.limit) -> [String] {
        var parts = MarkdownParts.split(forBlock(markdown), limit: limit)
        guard parts.count > 1 else { return parts }
        for _ in 0..<4 {
            // A code span that was cut is text in both parts, so its mentions must be broken too.
            let safe = parts.map(safe)
            if safe == parts { return parts }
            parts = safe.flatMap { MarkdownParts.split($0, limit: limit) }
        }
        return MarkdownParts.split(MarkdownMentions.broken(forBlock(markdown)), limit: limit)
            .map(MarkdownMentions.broken).flatMap { MarkdownParts.split($0, limit: limit) }
    }

    private static func safe(_ text: String) -> String { harmless(MarkdownLinks.honest(text)) }

    /// Breaks mentions that would notify: special mentions in angle brackets, and the bare words such as `@here`. Code
    /// and web addresses are unchanged.
    static func harmless(_ text: String) -> String { MarkdownMentions.harmless(text) }

    /// `markdown` as Slack's mrkdwn: text escaped, constructs that mrkdwn has converted, all others as text. Notifies
    /// no user.
    static func asMrkdwn(_ markdown: String) -> String {
        guard let document = MarkdownDocument(markdown) else { return escape(MarkdownMentions.broken(markdown)) }
        let written = MarkdownMrkdwn.render(document)
        // A text of link definitions or marks only has no rendered text.
        return written.allSatisfy(\.isWhitespace) ? escape(MarkdownMentions.broken(markdown)) : written
    }

    /// `&`, `<` and `>` as entities; nothing else is changed (docs.slack.dev, Formatting message text).
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
