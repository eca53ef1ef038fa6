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

    /// The sections of a whole mrkdwn text, for a view, whose texts have no limit together.
    static func blocks(_ mrkdwn: String) -> [JSONValue] {
        MarkdownParts.split(mrkdwn, limit: longestSection).map(section)
    }

    /// One section; the text has at most ``longestSection`` characters.
    static func section(_ mrkdwn: String) -> JSONValue { ["type": "section", "text": TextObject.mrkdwn(mrkdwn)] }
}
