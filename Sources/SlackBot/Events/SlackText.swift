import Bridge

/// Converts the text of Slack's messages to plain text (docs.slack.dev, Formatting message text).
enum SlackText {
    /// The text of a question: plain, without the leading mention of the bot.
    static func question(_ text: String, bot: String) -> String {
        var rest = text.trimmingSpace[...]
        for mention in ["<@\(bot)>", "<@\(bot)|"] where rest.hasPrefix(mention) {
            guard let end = rest.firstIndex(of: ">") else { continue }
            rest = rest[rest.index(after: end)...]
        }
        return plain(String(rest)).trimmingSpace
    }

    /// Plain text: angle-bracket forms written out, then entities decoded: `<@U1|ana>` → `@ana`, `<#C1|ops>` → `#ops`,
    /// `<https://x|label>` → `label (https://x)`.
    static func plain(_ text: String) -> String {
        var plain = ""
        var rest = text[...]
        // Searched as bytes because that is faster; nearly all messages have no such form.
        while let open = rest.utf8.firstIndex(of: UInt8(ascii: "<")) {
            guard let close = rest[open...].utf8.firstIndex(of: UInt8(ascii: ">")) else { break }
            plain += rest[..<open]
            plain += reference(rest[rest.utf8.index(after: open)..<close])
            rest = rest[rest.utf8.index(after: close)...]
        }
        plain += rest
        guard plain.utf8.contains(UInt8(ascii: "&")) else { return plain }
        return plain.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    /// What follows a name with which the text begins, in any case of letters, and the space and punctuation after it;
    /// nil when it begins with none. The longest name counts.
    ///
    /// - Parameter names: lower-cased.
    static func afterName(_ names: [String], in text: String) -> String? {
        for name in names.sorted(by: { $0.count > $1.count }) where !name.isEmpty {
            let start = text.prefix(name.count)
            guard start.lowercased() == name else { continue }
            let rest = text.dropFirst(name.count)
            // "omnibus" is not Omni.
            if let next = rest.first, next.isLetter || next.isNumber || next == "_" || next == "-" { continue }
            return String(rest).drop { $0.isWhitespace || ",:;.!–—".contains($0) }.trimmingSpace
        }
        return nil
    }

    /// The mentions in a text: `@U1` for a user, `!here` and the like, `!subteam^S1` for a user group.
    static func mentions(in text: String) -> [String] {
        var mentions: [String] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            guard let sign = rest.first, sign == "@" || sign == "!", let close = rest.firstIndex(of: ">") else {
                continue
            }
            let name = rest[..<close].prefix { $0 != "|" }
            guard name.count > 1 else { continue }
            if !name.hasPrefix("!date^") { mentions.append(String(name)) }
            rest = rest[rest.index(after: close)...]
        }
        return mentions
    }

    /// False for a text that is only a reaction: emoji, as characters or as `:name:`, punctuation, `+1`.
    static func hasWords(_ text: String) -> Bool {
        let spoken = text.contains(":") ? text.replacing(#/:[\p{L}\p{N}_+'-]+:/#, with: " ") : text
        let rest = plain(spoken).trimmingSpace
        guard rest != "+1", rest != "-1" else { return false }
        return rest.contains { $0.isLetter || $0.isNumber && !$0.isKeycap }
    }

    /// The plain form of what stands between angle brackets.
    private static func reference(_ inner: Substring) -> String {
        let parts = inner.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        let target = parts.first ?? ""
        let label = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
        switch target.first {
        case "@": return label.map { "@\($0)" } ?? String(target)
        case "#": return label.map { "#\($0)" } ?? String(target)
        case "!":
            if let label { return String(label) }
            return "@\(target.dropFirst().prefix { $0 != "^" })"
        default:
            guard let label, label != target, !target.hasPrefix("mailto:") else { return String(label ?? target) }
            return "\(label) (\(target))"
        }
    }
}

extension Character {
    /// Whether the character has an enclosing keycap (U+20E3), which makes a digit an emoji.
    fileprivate var isKeycap: Bool { unicodeScalars.contains("\u{20E3}") }
}

extension String {
    /// The lines, split at line feeds only.
    var lines: [Substring] {
        utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
    }
}

extension StringProtocol {
    /// The text without white space and line breaks at both ends.
    var trimmingSpace: String {
        let start = self.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// At most `longest` characters; "…" is the last one where some are left out.
    func shortened(to longest: Int) -> String {
        count > longest ? "\(prefix(longest - 1))…" : String(self)
    }
}
