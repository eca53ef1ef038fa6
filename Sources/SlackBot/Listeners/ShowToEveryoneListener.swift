import Analytics
import Bridge

/// "Show to everyone" under a private answer: the outbox posts the answer in the thread, once however often the button
/// is pressed. Only the asker may press it, and not where other organisations read the channel.
struct ShowToEveryoneListener: Listener {
    let buttons: AnswerButtons
    let directory: SlackDirectory
    let workSignal: WorkSignal

    let keys = [ListenerKey.action(ShowToEveryoneView.actionID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        buttons.handle(envelope) { press in
            guard press.isAsker else { return UserMessages.answerNotYours }
            if await directory.channel(press.action.channel)?.isExternallyShared == true {
                return UserMessages.notShownOutside
            }
            let id = press.question.id
            let result = try await buttons.store.publish(id) { PublicAnswer.posts(of: $0, $1) }
            if result == .planned { workSignal.send(for: id) }
            // The button stays: Slack drops ephemeral messages by itself.
            return UserMessages.pressed(result)
        }
    }
}
