import Analytics
import Bridge

/// `/omni-status`: health of Omni, its connections, its queue and its servers.
struct StatusCommand: AnsweredCommand {
    let health: Health
    let live: LiveSettings
    let store: Store

    let names = [SlackCommand.Name.status]

    /// How long the numbers of the queue are waited for: the status is asked for when the store is slow too.
    private static let queueTimeout = Duration.seconds(2)

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        let (settings, snapshot) = live.inForce
        let (report, slack) = (await health.report(), settings.slack)
        if let template = slack.templates.status {
            let today = try? await store.today()
            return SectionView.message(
                TemplateView.status(template, report, today: today, usesEmoji: slack.behavior.usesEmoji))
        }
        let text = StatusView.text(
            report, name: slack.botName, queue: try? await store.unendedCounts(within: Self.queueTimeout),
            tellsProblems: snapshot.policy.isAdmin(principal))
        return SectionView.message(text)
    }
}
