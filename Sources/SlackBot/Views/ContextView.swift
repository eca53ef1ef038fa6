import Bridge

/// Lines under a message as context blocks.
enum ContextView {
    /// Slack's limits: 2,000 characters of an element, ten elements of a context, 50 blocks of a message.
    private static let longestLine = 1_900
    private static let mostElements = 10
    private static let mostBlocks = 50

    /// The message with the mrkdwn lines below it, in context blocks of at most ten, and further messages for the lines
    /// that exceed a limit of Slack's.
    static func adding(_ lines: [String], to message: SlackMessage) -> [SlackMessage] {
        var messages = [message]
        var pending: [String] = []
        var left = SectionView.longestText - message.blocks.reduce(0) { $0 + SlackMessage.units($1) }
        func flush() {
            if !pending.isEmpty { messages[messages.count - 1].blocks.append(block(pending)) }
            pending = []
        }
        for line in lines.flatMap({ MarkdownParts.split($0, limit: longestLine) }) where !line.isEmpty {
            if pending.count == mostElements { flush() }
            if line.utf16.count > left || messages[messages.count - 1].blocks.count == mostBlocks {
                flush()
                messages.append(SlackMessage(text: line))
                left = SectionView.longestText
            }
            pending.append(line)
            left -= line.utf16.count
        }
        flush()
        return messages
    }

    /// A context block with one mrkdwn element a line.
    ///
    /// - Parameter id: its `block_id`.
    static func block(_ lines: [String], id: String? = nil) -> JSONValue {
        var block: JSONObject = ["type": "context", "elements": .array(lines.map(TextObject.mrkdwn))]
        if let id { block["block_id"] = .string(id) }
        return .object(block)
    }

    /// The lines of the message's context blocks.
    static func lines(of message: SlackMessage) -> [String] {
        message.blocks.filter { $0["type"] == "context" }
            .flatMap { ($0["elements"]?.array ?? []).compactMap { $0["text"]?.string } }
    }
}
