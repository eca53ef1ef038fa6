import Analytics
import Bridge

/// `/omni-status`: health of Omni, its connections, its queue and its servers.
struct StatusCommand: AnsweredCommand {
    let health: Health
    let live: LiveSettings

    let names = [SlackCommand.Name.status]

    /// How long the numbers of the queue are waited for: the status is asked for when the store is slow too.
    private static let queueTimeout = Duration.seconds(2)

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        let (settings, snapshot) = live.inForce
        let text = StatusView.text(
            await health.report(), name: settings.slack.botName,
            queue: try? await health.store.unendedCounts(within: Self.queueTimeout),
            tellsProblems: snapshot.policy.isAdmin(principal))
        return AnswerMessages.section(text)
    }
}
