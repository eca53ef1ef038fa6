import Analytics
import Bridge
import Logging

/// A press of a choice with which the asker was asked back (``ChoiceView``). The choice is stored, and whichever process
/// claims the question then goes on with it. Of several presses, also in several processes, one counts; only the asker
/// may choose.
struct ChoiceListener: Listener {
    let buttons: AnswerButtons
    let workSignal: WorkSignal
    private var store: Store { buttons.store }
    private var logger: Logger { buttons.logger }

    let keys = ChoiceView.actionIDs.map { ListenerKey.action($0) }

    /// What came of a press.
    private enum Result {
        /// The choice is stored: the message in the place of the one with the buttons.
        case taken(SlackMessage)
        /// Nothing was changed: the reason, for the user who pressed.
        case refused(String)
    }

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        guard let press = BlockAction(envelope.payload), let choice = ChoiceView.Pressed(value: press.value) else {
            return .ignored("action without its fields", logger)
        }
        buttons.deferred.add(press.triggerID) { await respond(to: press, take(choice, by: press.user)) }
        return .empty
    }

    private func take(_ choice: ChoiceView.Pressed, by user: String) async -> Result {
        do {
            guard let (row, wait) = try await store.openWait(of: choice.question), wait.id == choice.wait else {
                return .refused(UserMessages.choiceOver)
            }
            guard row.origin.userID == user else { return .refused(UserMessages.choiceNotYours) }
            guard let answer = choice.answer(to: wait.request, by: row.askerEmail),
                try await store.answer(answer, to: wait.id, of: row.id) == .ended
            else { return .refused(UserMessages.choiceOver) }
            workSignal.send(for: row.id)
            return .taken(ChoiceView.ended(wait, answer))
        } catch {
            logger.warning(
                "A choice could not be stored.", metadata: ["question": "\(choice.question)", "error": "\(error)"])
            return .refused(UserMessages.choiceNotStored)
        }
    }

    /// The buttons vanish at once, also from a message that only the asker sees; the outbox edits other messages again
    /// when the question has ended.
    private func respond(to press: BlockAction, _ result: Result) async {
        let message =
            switch result {
            case .taken(let message): message.replacement
            case .refused(let text): SectionView.message(text).ephemeralResponse(thread: press.thread)
            }
        await buttons.respond(to: press, message)
    }
}
