import Bridge

/// The text of a message object: what a reader sees of it, as plain text.
enum SlackMessageText {
    /// Its `text`, or that of its blocks when that is empty; then its attachments and the names of its files.
    static func full(_ message: JSONValue) -> String {
        var lines = [own(message)]
        lines += (message["attachments"]?.array ?? []).prefix(most).map { attachment($0, depth: 0) }
        lines += (message["files"]?.array ?? []).prefix(most).compactMap { file in
            (file["title"]?.string ?? file["name"]?.string).map { "[file: \($0)]" }
        }
        return lines.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The attachments of a message, its files and the blocks of a list that are read, each.
    private static let most = 50
    private static let deepest = 6

    private static func own(_ message: JSONValue) -> String {
        let text = SlackText.plain(message["text"]?.string ?? "").trimmingSpace
        return text.isEmpty ? blocks(message["blocks"], depth: 0).trimmingSpace : text
    }

    /// An attachment: the title and the text of a tool's message, or the words of a shared message, with its author.
    private static func attachment(_ attachment: JSONValue, depth: Int) -> String {
        guard depth < deepest else { return "" }
        guard !SharedMessages.isShared(attachment) else {
            return SharedMessages.quote(attachment).map { "[forwarded from \($0.author)] \($0.text)" } ?? ""
        }
        let names = ["pretext", "title", "text"]
        var lines = names.compactMap { attachment[$0]?.string }.map { SlackText.plain($0) }
        for field in (attachment["fields"]?.array ?? []).prefix(most) {
            let parts = [field["title"]?.string, field["value"]?.string].compactMap { $0 }
            lines.append(SlackText.plain(parts.joined(separator: ": ")))
        }
        lines.append(blocks(attachment["blocks"], depth: depth + 1))
        let text = lines.filter { !$0.isEmpty }.joined(separator: "\n").trimmingSpace
        return text.isEmpty ? SlackText.plain(attachment["fallback"]?.string ?? "").trimmingSpace : text
    }

    /// The words of a shared message: its text, the blocks that Slack sends with it, or its fallback.
    static func shared(_ attachment: JSONValue, depth: Int = 0) -> String {
        var lines = [SlackText.plain(attachment["text"]?.string ?? "").trimmingSpace]
        if lines[0].isEmpty {
            let messages = (attachment["message_blocks"]?.array ?? []).prefix(most)
            lines += messages.map { blocks($0["message"]?["blocks"], depth: depth + 1).trimmingSpace }
        }
        if depth < deepest {
            lines += (attachment["attachments"]?.array ?? []).prefix(most).map {
                Self.attachment($0, depth: depth + 1)
            }
        }
        lines += (attachment["files"]?.array ?? []).prefix(most).compactMap { file in
            (file["title"]?.string ?? file["name"]?.string).map { "[file: \($0)]" }
        }
        let text = lines.filter { !$0.isEmpty }.joined(separator: "\n")
        return text.isEmpty ? SlackText.plain(attachment["fallback"]?.string ?? "").trimmingSpace : text
    }

    /// The text of blocks, a line for each; rich text with its mentions and links.
    private static func blocks(_ blocks: JSONValue?, depth: Int) -> String {
        (blocks?.array ?? []).prefix(most).map { block($0, depth: depth) }.filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private static func block(_ value: JSONValue, depth: Int) -> String {
        guard depth < deepest else { return "" }
        if let text = value["text"]?.string { return isPlain(value) ? text : SlackText.plain(text) }
        if let text = value["text"]?["text"]?.string { return SlackText.plain(text) }
        switch value["type"]?.string {
        case "user": return "@\(value["user_id"]?.string ?? "")"
        case "usergroup": return "@\(value["usergroup_id"]?.string ?? "")"
        case "channel": return "#\(value["channel_id"]?.string ?? "")"
        case "broadcast": return "@\(value["range"]?.string ?? "")"
        case "link": return value["url"]?.string ?? ""
        case "emoji": return ":\(value["name"]?.string ?? ""):"
        default: break
        }
        let parts = (value["elements"]?.array ?? []) + (value["fields"]?.array ?? [])
        let isInline = value["type"] == "rich_text_section"
        return parts.prefix(isInline ? 1_000 : most).map { block($0, depth: depth + 1) }
            .joined(separator: isInline ? "" : "\n")
    }

    /// Whether the text of an element has no angle-bracket forms and entities, as that of rich text has none.
    private static func isPlain(_ element: JSONValue) -> Bool {
        ["text", "link", "plain_text", "markdown"].contains(element["type"]?.string ?? "")
    }
}
