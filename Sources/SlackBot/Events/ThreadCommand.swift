/// A command in a message, for threads, where Slack has no slash commands.
enum ThreadCommand: Sendable, Hashable {
    /// `!help`, with a topic that may be empty.
    case help(topic: String)

    /// nil for an ordinary message.
    init?(_ text: String) {
        let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard words.first?.lowercased() == "!help" else { return nil }
        self = .help(topic: words.count > 1 ? words[1].trimmingSpace : "")
    }
}
