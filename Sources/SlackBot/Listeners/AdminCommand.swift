import Bridge

/// `/omni-admin`: see ``SlackAdministration``.
struct AdminCommand: AnsweredCommand {
    let administration: SlackAdministration

    let names = [SlackCommand.Name.admin]

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        SectionView.message(await administration.answer(command.text, to: principal))
    }
}
