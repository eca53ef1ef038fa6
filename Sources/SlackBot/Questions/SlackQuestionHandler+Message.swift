import Analytics
import Bridge
import Logging

/// The message that a reaction or the message shortcut asks about.
extension SlackQuestionHandler {
    /// The question with the message that it is about, as Slack has it now, and with the root of that message's thread;
    /// any other question as it is. nil when the message cannot be read: the question was ended then, and its asker told.
    func withItsMessage(_ claimed: ClaimedQuestion) async -> ClaimedQuestion? {
        let incoming = claimed.incoming
        guard let ts = incoming.about else { return claimed }
        do {
            if let found = try await threadReader.message(ts, in: incoming.channel, team: incoming.team) {
                return claimed.asked(about: found.quote, in: found.root)
            }
        } catch {
            logger.notice(
                "The message that a question is about could not be read.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
        // The shortcut works where the bot is not a member, and hands over the beginning of the message.
        if !incoming.shared.isEmpty { return claimed }
        let reason = UserMessages.messageNotRead
        let refusal = QuestionOutcome.refused(Refusal(message: reason, rule: "built-in message", usage: Usage()))
        await end(await alone(claimed), refusal, words: reason)
        return nil
    }
}
