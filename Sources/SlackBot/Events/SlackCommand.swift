import Bridge

/// A slash command that is no question: answered by ``SlashCommandHandler``, never stored.
struct SlackCommand: Sendable, Hashable {
    /// The command as Slack sends it.
    enum Name: String, Sendable, Hashable {
        case help = "/omni-help"
        case status = "/omni-status"
    }

    let name: Name
    let team: String
    let user: String
    let channel: String
    let text: String
    let triggerID: String
    let responseURL: Secret
}
