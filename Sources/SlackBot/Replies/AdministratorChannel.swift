import Bridge
import Logging

/// Posts to the channel of `channels.admin_alerts`.
struct AdministratorChannel: Sendable {
    let api: SlackAPI
    let live: LiveSettings
    let logger: Logger

    /// Does nothing without a channel; a failure is only logged.
    func tell(_ text: String) async {
        guard let channel = live.current.slack.adminChannel else { return }
        do {
            _ = try await api.post(AnswerMessages.section(text), in: channel, thread: nil)
        } catch {
            logger.warning("The administrators were not told.", metadata: ["error": "\(error)"])
        }
    }
}
