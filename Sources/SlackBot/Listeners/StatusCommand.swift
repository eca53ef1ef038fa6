import Analytics
import Bridge

/// `/omni-status`: health of Omni, its connections and its servers.
struct StatusCommand: AnsweredCommand {
    let health: Health
    let live: LiveSettings
    let store: Store

    let names = [SlackCommand.Name.status]

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        let (report, slack) = (await health.report(), live.current.slack)
        guard let template = slack.templates.status else {
            return SectionView.message(StatusView.text(report, name: slack.botName))
        }
        return SectionView.message(TemplateView.status(template, report, today: try? await store.today()))
    }
}
