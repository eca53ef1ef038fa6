import Analytics
import Bridge
import Foundation

/// 👍 or 👎 under an answer: the vote is stored, and after a 👎 a modal asks what was wrong. Everyone who sees the answer
/// may vote; a user's last vote counts.
struct FeedbackListener: Listener {
    let buttons: AnswerButtons

    let keys = [ListenerKey.action(FeedbackView.actionID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        buttons.handle(envelope) { try await vote($0) }
    }

    private func vote(_ press: AnswerButtons.Press) async throws -> String? {
        guard let vote = FeedbackView.vote(press.action.value) else { return nil }
        guard press.question.state == .answered else { return UserMessages.answerNotKept }
        // Two presses are worked on at once: Slack's clock tells which is the last.
        try await buttons.store.vote(
            Feedback(
                question: press.question.id, voter: press.principal.email, vote: vote, at: press.action.time ?? Date()))
        guard vote == .down else { return UserMessages.voted }
        do {
            try await buttons.api.openView(FeedbackView.modal(press.question.id), trigger: press.action.triggerID)
            return nil
        } catch {
            buttons.logger.info("No comment was asked for.", metadata: ["error": "\(error)"])
            return UserMessages.voted
        }
    }
}
