/// Collects inline nodes as plain text: no marks; of a link its text and its address.
struct MarkdownPlainText: Sendable {
    /// The text so far.
    private(set) var text = ""
    /// Start of the link text of each open link.
    private var links: [String.Index] = []

    /// Adds an inline node; other nodes are ignored.
    mutating func handle(_ event: MarkdownEvent) {
        switch (event.kind, event.step) {
        case (.text, _), (.code, _): text += event.text
        case (.html, _):
            let tag = event.text.lowercased().filter { $0 != " " }
            text += tag == "<br>" || tag == "<br/>" ? " " : event.text
        case (.softBreak, _), (.hardBreak, _): text += " "
        case (.link, .enter), (.image, .enter): links.append(text.endIndex)
        case (.link, .leave), (.image, .leave):
            guard let start = links.popLast(), !event.text.isEmpty else { return }
            let words = text[start...]
            if words.isEmpty {
                text += event.text
            } else if event.text != words, event.text != "mailto:\(words)", event.text != "http://\(words)" {
                text += " (\(event.text))"
            }
        default: break
        }
    }
}

extension MarkdownPlainText {
    /// A text in Slack's mrkdwn as one line without marks, in which no mention notifies a user; nil when nothing is left.
    static func line(of mrkdwn: String) -> String? {
        let line = SlackText.plain(mrkdwn).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var plain = MarkdownPlainText()
        for event in MarkdownDocument(line)?.events ?? [] { plain.handle(event) }
        return plain.text.allSatisfy(\.isWhitespace) ? nil : MarkdownMentions.broken(plain.text)
    }
}
