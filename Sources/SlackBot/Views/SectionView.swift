import Bridge

/// A text of Omni's own as sections of a message.
enum SectionView {
    /// The blocks of a mrkdwn text: sections of at most 2,900 characters each (Slack's limit is 3,000), 50 at most
    /// (Slack's limit of blocks), split between lines where possible.
    static func message(_ mrkdwn: String) -> SlackMessage {
        let sections = MarkdownParts.split(mrkdwn, limit: 2_900).prefix(50).map { piece -> JSONValue in
            ["type": "section", "text": ["type": "mrkdwn", "text": .string(piece), "verbatim": true]]
        }
        return SlackMessage(text: mrkdwn, blocks: sections)
    }
}
