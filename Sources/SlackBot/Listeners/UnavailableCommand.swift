import Bridge

/// Commands that are known, and not available in this version.
struct UnavailableCommand: AnsweredCommand {
    let names = [SlackCommand.Name.tool, .history]

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        SectionView.message(UserMessages.commandNotYet(command.name.rawValue))
    }
}
