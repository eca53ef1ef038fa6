import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("The buttons under an answer")
struct AnswerActionsViewTests {
    private static let question = ULID()
    private static let answered = QuestionOutcome.answered(Answer(text: "It is slow.", usage: Usage()))
    private static let failed = QuestionOutcome.failed(
        Failure(error: BridgeError(.deadline, "Late."), errorID: "E-1", usage: Usage()))
    private static let refused = QuestionOutcome.refused(Refusal(message: "No.", rule: "test", usage: Usage()))
    private static let text = SlackMessage(
        text: "It is slow.", blocks: [["type": "markdown", "text": "It is slow."]])

    /// The ids of the buttons of a message.
    private func buttons(_ message: SlackMessage?) -> [String] {
        (message?.blocks ?? []).flatMap { $0["elements"]?.array ?? [] }.compactMap { $0["action_id"]?.string }
    }

    private func view(mayBeShown: Bool = false, isOn: Bool = true) -> AnswerActionsView {
        AnswerActionsView(Self.question, mayBeShown: mayBeShown, isOn: isOn)
    }

    @Test("an answer has all, a failure no feedback, a refusal none; they are in the last message")
    func outcomes() {
        let actions = [AnswerActionsView.retryID, AnswerActionsView.detailsID]
        let all = view().adding(to: [Self.text, Self.text], Self.answered)
        #expect(all.count == 2 && all.first == Self.text)
        #expect(buttons(all.last) == actions + [FeedbackView.actionID])
        #expect(buttons(view().adding(to: [Self.text], Self.failed).last) == actions)
        #expect(buttons(view().adding(to: [Self.text], .cancelled(Usage())).last) == actions)
        #expect(view().adding(to: [Self.text], Self.refused) == [Self.text])
    }

    @Test("an answer that the limit of turns ended can be continued, where the thread's history has it")
    func limit() {
        func all(_ warning: AnswerWarning?, _ mayContinue: Bool) -> [String] {
            let view = AnswerActionsView(Self.question, mayBeShown: false, mayContinue: mayContinue, isOn: true)
            let answer = Answer(text: "So far.", warning: warning, usage: Usage())
            return buttons(view.adding(to: [Self.text], .answered(answer)).last)
        }
        let usual = [AnswerActionsView.retryID, AnswerActionsView.detailsID, FeedbackView.actionID]
        #expect(all(.maxIterations, true) == [AnswerActionsView.continueID] + usual)
        for other in [all(.maxIterations, false), all(.truncated, true), all(nil, true)] { #expect(other == usual) }
    }

    @Test("use_buttons: false leaves the button that shows a private answer")
    func off() {
        #expect(view(isOn: false).adding(to: [Self.text], Self.answered) == [Self.text])
        let shown = view(mayBeShown: true, isOn: false).adding(to: [Self.text], Self.answered)
        #expect(buttons(shown.last) == [ShowToEveryoneView.actionID])
        #expect(shown.last.map { ShowToEveryoneView.removing(from: $0) } == Self.text)
    }

    @Test("an answer that is shown to everyone keeps its other buttons")
    func shown() throws {
        let message = try #require(view(mayBeShown: true).adding(to: [Self.text], Self.answered).last)
        #expect(buttons(message).first == ShowToEveryoneView.actionID)
        #expect([ShowToEveryoneView.removing(from: message)] == view().adding(to: [Self.text], Self.answered))
    }

    @Test("a message gets no more blocks than Slack allows, and a plain one none", arguments: [48, 49, 50])
    func full(count: Int) {
        let long = SlackMessage(text: "long", blocks: Array(repeating: ["type": "divider"], count: count))
        let messages = view().adding(to: [long], Self.answered)
        #expect(messages.last?.blocks.count == 50)
        #expect(view().adding(to: [SlackMessage(text: "plain")], Self.answered) == [SlackMessage(text: "plain")])
    }

    @Test("a vote is read from the value of a button, a comment from a submitted modal")
    func feedback() throws {
        let sides = FeedbackView.block(Self.question)["elements"]?[0]
        let up = try #require(sides?["positive_button"]?["value"]?.string)
        let down = try #require(sides?["negative_button"]?["value"]?.string)
        #expect(FeedbackView.vote(up) == .up && FeedbackView.vote(down) == .down)
        for other in ["", Self.question.text, "\(Self.question) 2", "\(Self.question) up"] {
            #expect(FeedbackView.vote(other) == nil)
        }
        var view = FeedbackView.modal(Self.question)
        #expect(FeedbackView.comment(view) == nil)
        view["state"] = ["values": ["comment": ["comment": ["type": "plain_text_input", "value": " Wrong. \n"]]]]
        let comment = try #require(FeedbackView.comment(view))
        #expect(comment.question == Self.question && comment.text == "Wrong.")
        view["state"] = ["values": ["comment": ["comment": ["type": "plain_text_input", "value": .null]]]]
        #expect(FeedbackView.comment(view)?.text == "")
    }
}
