import Bridge

/// `/omni-status`: health of Omni, its connections and its servers.
struct StatusCommand: AnsweredCommand {
    let health: Health
    let live: LiveSettings

    let names = [SlackCommand.Name.status]

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        SectionView.message(StatusView.text(await health.report(), name: live.current.slack.botName))
    }
}
