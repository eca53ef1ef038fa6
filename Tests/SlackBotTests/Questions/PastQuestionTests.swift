import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("The history of a user's questions")
struct PastQuestionTests {
    private func past(_ state: QuestionState = .answered, cost: Money? = Money(nano: 2_103_000)) -> PastQuestion {
        PastQuestion(
            id: ULID(), state: state, askedAt: Date(timeIntervalSince1970: 1_795_341_600),
            text: "why is\n<checkout> slow?",
            expense: state == .working ? nil : AskedQuestion.Expense(milliseconds: 3_210, cost: cost),
            link: state == .working ? nil : "https://acme.example/archives/C1/p10?thread_ts=1.0&cid=C1")
    }

    @Test("a line has the state, time, duration, cost, link and the words of the question in one line")
    func line() {
        let line = UserMessages.history([past()])
        #expect(line.contains("<!date^1795341600^"))
        #expect(line.contains(" answered · 3.2 s · $0.0021 · "))
        #expect(line.contains("<https://acme.example/archives/C1/p10?thread_ts=1.0&amp;cid=C1|open>"))
        #expect(line.hasSuffix("why is &lt;checkout&gt; slow?"))
    }

    @Test("a question in progress has neither figures nor a link; a price that is not known is said so")
    func bounds() {
        let line = UserMessages.history([past(.working)])
        #expect(line.contains(" working · why is"))
        #expect(UserMessages.history([past(cost: nil)]).contains(" · price unknown · "))
        #expect(UserMessages.history([]).contains("not asked"))
    }
}
