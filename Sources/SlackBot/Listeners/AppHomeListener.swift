import Bridge
import Logging

/// `app_home_opened`: the view of the Home tab is published after the acknowledgement (``HomePublisher``). The event of
/// the Messages tab is ignored.
struct AppHomeListener: Listener {
    let installation: Installation
    let homes: HomePublisher
    let logger: Logger

    let keys = [ListenerKey.event("app_home_opened")]

    /// Throws ``SlackError`` when `auth.test` failed.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let event = envelope.payload["event"]
        guard event?["tab"] == "home", let user = event?["user"]?.string, let channel = event?["channel"]?.string else {
            logger.debug("Ignored.", metadata: ["reason": "no opening of the Home tab"])
            return .empty
        }
        let bot = try await installation.identity()
        homes.open(HomeVisitor(user: user, team: bot.team(of: envelope.payload), channel: channel))
        return .empty
    }
}
