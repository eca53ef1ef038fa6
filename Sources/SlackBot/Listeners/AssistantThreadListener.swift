import Bridge
import Logging

/// `assistant_thread_started`: a user of an app with the older `assistant_view` has begun a thread in the direct
/// messages; prompts are shown in it.
struct AssistantThreadListener: Listener {
    let installation: Installation
    let prompts: SuggestedPrompts
    let logger: Logger

    let keys = [ListenerKey.event("assistant_thread_started")]

    /// Throws ``SlackError`` when `auth.test` failed.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let begun = envelope.payload["event"]?["assistant_thread"]
        guard let user = begun?["user_id"]?.string, let channel = begun?["channel_id"]?.string,
            let thread = begun?["thread_ts"]?.string
        else { return .ignored("assistant thread without its ids", logger) }
        let bot = try await installation.identity()
        let visitor = HomeVisitor(user: user, team: bot.team(of: envelope.payload), channel: channel)
        prompts.show(to: visitor, thread: thread, event: "\(channel):\(thread)")
        return .empty
    }
}
