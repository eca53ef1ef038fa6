import Analytics
import Bridge
import Logging

/// The message that a reaction or the message shortcut asks about.
extension SlackEntryPoint {
    /// The question with the message that it is about, as Slack has it now, and with the root of that message's thread;
    /// any other question as it is. When the message cannot be read the question ends, and its asker is told.
    func withItsMessage(_ claimed: ClaimedQuestion) async -> Admission<ReplyTarget> {
        let incoming = claimed.incoming
        guard let ts = incoming.about else { return .begin(ReplyTarget(claimed: claimed)) }
        do {
            if let found = try await threadReader.message(ts, in: incoming.channel, team: incoming.team) {
                let about = claimed.asked(about: found.quote, with: found.files, in: found.root)
                return .begin(ReplyTarget(claimed: about))
            }
        } catch {
            logger.notice(
                "The message that a question is about could not be read.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
        // The shortcut works where the bot is not a member, and hands over the beginning of the message.
        if !incoming.shared.isEmpty { return .begin(ReplyTarget(claimed: claimed)) }
        return await tell(claimed, UserMessages.messageNotRead, rule: "built-in message")
    }
}
