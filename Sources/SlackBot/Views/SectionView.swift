import Bridge

/// A text of Omni's own as sections of a message.
enum SectionView {
    /// Slack's limit of a section's text is 3,000 characters; of a message's blocks together, not documented, some
    /// 13,200.
    static let longestSection = 2_900
    static let longestText = 10_000

    /// A message of mrkdwn sections, split between lines where possible. A text of more than ``longestText`` UTF-16
    /// units is cut, and `…` marks the cut.
    static func message(_ mrkdwn: String) -> SlackMessage {
        var pieces: [String] = []
        var left = longestText
        for piece in MarkdownParts.split(mrkdwn, limit: longestSection) {
            guard piece.utf16.count <= left else {
                pieces.append("…")
                break
            }
            pieces.append(piece)
            left -= piece.utf16.count
        }
        return SlackMessage(text: pieces.first ?? "", blocks: pieces.map(section))
    }

    /// UTF-16 units of the line that ends a list which is cut.
    private static let longestRest = 200

    /// The lines as one text; of more than `limit` UTF-16 units the first ones, and at the end what `rest` says of the
    /// number of the others.
    static func list(_ lines: [String], upTo limit: Int = longestText, rest: (Int) -> String) -> String {
        let whole = lines.joined(separator: "\n")
        guard whole.utf16.count > limit else { return whole }
        var used = longestRest
        let shown = lines.prefix { line in
            used += line.utf16.count + 1
            return used <= limit
        }
        return (shown + [rest(lines.count - shown.count)]).joined(separator: "\n")
    }

    /// The sections of a whole mrkdwn text, for a view, whose texts have no limit together.
    static func blocks(_ mrkdwn: String) -> [JSONValue] {
        MarkdownParts.split(mrkdwn, limit: longestSection).map(section)
    }

    /// One section; the text has at most ``longestSection`` characters.
    static func section(_ mrkdwn: String) -> JSONValue { ["type": "section", "text": TextObject.mrkdwn(mrkdwn)] }
}
