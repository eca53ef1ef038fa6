import Analytics
import Bridge

/// "Show to everyone" under a private answer: the outbox posts the answer in the thread, once however often the button
/// is pressed. Only the asker may press it, and not where other organisations read the channel.
struct ShowToEveryoneListener: Listener {
    let buttons: AnswerButtons
    let workSignal: WorkSignal

    let keys = [ListenerKey.action(ShowToEveryoneView.actionID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        buttons.handle(envelope) { press in
            guard press.isAsker else { return UserMessages.answerNotYours }
            let id = press.question.id
            if press.question.context["external"]?.bool == true { return UserMessages.notShownOutside }
            if try await isShared(press.action.channel) { return UserMessages.notShownOutside }
            let result = try await buttons.store.publish(id) { PublicAnswer.posts(of: $0, $1) }
            if result == .planned { workSignal.send(for: id) }
            // The button stays: Slack drops ephemeral messages by itself.
            return UserMessages.pressed(result)
        }
    }

    /// Whether other organisations read the channel. Slack itself is asked, since it may have been shared a moment ago.
    /// False for one that Slack does not describe to the bot: the bot cannot post there either, and the asker is told.
    private func isShared(_ channel: String) async throws -> Bool {
        do {
            return SlackChannel(try await buttons.api.conversationInfo(channel), id: channel).isExternallyShared
        } catch let error as SlackError where ["channel_not_found", "not_in_channel"].contains(error.code) {
            return false
        }
    }
}
