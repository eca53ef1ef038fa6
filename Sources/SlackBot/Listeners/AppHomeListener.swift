import Bridge
import Logging

/// `app_home_opened`: after the acknowledgement the view of the Home tab is published (``HomePublisher``), or prompts
/// are shown in the Messages tab.
struct AppHomeListener: Listener {
    let installation: Installation
    let homes: HomePublisher
    let prompts: SuggestedPrompts
    let logger: Logger

    let keys = [ListenerKey.event("app_home_opened")]

    /// Throws ``SlackError`` when `auth.test` failed.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let event = envelope.payload["event"]
        guard let tab = event?["tab"]?.string, ["home", "messages"].contains(tab), let user = event?["user"]?.string,
            let channel = event?["channel"]?.string
        else { return .ignored("no opening of the Home or the Messages tab", logger) }
        let bot = try await installation.identity()
        let visitor = HomeVisitor(user: user, team: bot.team(of: envelope.payload), channel: channel)
        if tab == "home" {
            homes.open(visitor)
        } else {
            prompts.show(to: visitor, event: envelope.payload["event_id"]?.string ?? event?["event_ts"]?.string ?? "")
        }
        return .empty
    }
}
