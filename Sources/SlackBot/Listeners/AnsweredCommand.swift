import Bridge

/// A slash command that is answered after its acknowledgement, to its user alone, and not stored.
protocol AnsweredCommand: Sendable {
    /// The commands that it answers.
    var names: [SlackCommand.Name] { get }

    /// The answer to a user who may use the command.
    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage
}
