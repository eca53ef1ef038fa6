/// A command in a message, for threads, where Slack has no slash commands.
enum ThreadCommand: Sendable, Hashable {
    /// `!help`, with a topic that may be empty.
    case help(topic: String)
    /// `!stop`: ends the questions of the thread that are being answered.
    case stop

    /// nil for an ordinary message.
    init?(_ text: String) {
        let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        switch words.first?.lowercased() {
        case "!help": self = .help(topic: words.count > 1 ? words[1].trimmingSpace : "")
        case "!stop" where words.count == 1: self = .stop
        default: return nil
        }
    }
}
