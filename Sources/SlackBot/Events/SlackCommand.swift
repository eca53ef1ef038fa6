import Bridge

/// A slash command that is no question: answered by ``SlashCommandHandler``, never stored.
struct SlackCommand: Sendable, Hashable {
    /// The command as Slack sends it.
    enum Name: String, Sendable, Hashable {
        case help = "/omni-help"
        case status = "/omni-status"
        case admin = "/omni-admin"
        /// Known, and not available in this version.
        case tool = "/omni-tool"
        case history = "/omni-history"
    }

    let name: Name
    let team: String
    let user: String
    let channel: String
    let text: String
    /// Identifies the command: Slack may deliver it twice.
    let triggerID: String
    /// nil for a direct message that stands for the command: the answer is a message there.
    let responseURL: Secret?
}

extension SlackCommand {
    /// A direct message that stands for the command.
    init(_ name: Name, of message: SlackQuestion) {
        self.init(
            name: name, team: message.team, user: message.user, channel: message.channel, text: message.text,
            triggerID: message.originKey, responseURL: nil)
    }
}
