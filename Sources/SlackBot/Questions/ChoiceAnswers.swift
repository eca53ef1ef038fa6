import Analytics
import Bridge
import Logging

/// Takes the choice of a pressed button (``ChoiceMessage``): stores it, so that any process goes on with the question.
struct ChoiceAnswers: Sendable {
    let store: Store
    let workSignal: WorkSignal
    let logger: Logger

    /// What came of a press.
    enum Result: Sendable, Hashable {
        /// The choice is stored. The message to show in the place of the buttons.
        case taken(SlackMessage)
        /// Nothing was changed; the reason for the user who pressed.
        case refused(String)
    }

    /// Stores the choice. Of several presses, also in several processes, one counts.
    ///
    /// - Parameters:
    ///   - user: Slack's id of the user who pressed.
    ///   - team: the id of that user's workspace.
    func press(_ pressed: ChoiceMessage.Pressed, by user: String, of team: String) async -> Result {
        do {
            guard let (row, wait) = try await store.openWait(of: pressed.question), wait.id == pressed.wait else {
                return .refused(UserMessages.choiceOver)
            }
            guard row.origin.userID == user, row.origin.team == team else {
                return .refused(UserMessages.choiceNotYours)
            }
            let answer: InputAnswer
            if let index = pressed.index {
                guard wait.request.choices.indices.contains(index) else { return .refused(UserMessages.choiceOver) }
                answer = .chosen(wait.request.choices[index], by: row.askerEmail)
            } else {
                answer = .cancelled(by: row.askerEmail)
            }
            guard try await store.answer(answer, to: wait.id, of: row.id) == .ended else {
                return .refused(UserMessages.choiceOver)
            }
            workSignal.send(for: row.id)
            return .taken(ChoiceMessage.ended(wait, answer))
        } catch {
            logger.warning(
                "A choice could not be stored.",
                metadata: ["question": "\(pressed.question)", "error": "\(error)"])
            return .refused(UserMessages.choiceNotStored)
        }
    }
}
