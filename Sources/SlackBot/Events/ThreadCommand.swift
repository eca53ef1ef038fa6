/// A command in a message, for threads, where Slack has no slash commands.
enum ThreadCommand: Sendable, Hashable {
    /// `!help`, with a topic that may be empty.
    case help(topic: String)
    /// `!stop`: ends the questions of the thread that are being answered.
    case stop
    /// `!retry` alone: the newest question of the thread is asked again.
    case retry

    /// nil for an ordinary message.
    init?(_ text: String) {
        let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        let rest = words.count > 1 ? words[1].trimmingSpace : ""
        switch words.first?.lowercased() {
        case "!help": self = .help(topic: rest)
        case "!stop" where rest.isEmpty: self = .stop
        case "!retry" where rest.isEmpty: self = .retry
        default: return nil
        }
    }
}
