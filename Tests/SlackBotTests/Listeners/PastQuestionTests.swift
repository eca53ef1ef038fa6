import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("The history of a user's questions")
struct PastQuestionTests {
    private func past(_ outcome: QuestionOutcome, origin: QuestionOrigin = QuestionOrigin()) -> PastQuestion {
        let asker = Principal(email: "a@b.c", name: "A", role: "dba", source: .builtIn("test"))
        let question = Question(
            asker: asker, text: "why is\n<checkout> slow?", place: .commandLine, threadKey: "t",
            askedAt: Date(timeIntervalSince1970: 1_795_341_600))
        return PastQuestion(AuditRow(FinishedQuestion(question, origin: origin, outcome: outcome)))
    }

    private var usage: Usage {
        var usage = Usage()
        usage.cost = Money(nano: 2_103_000)
        usage.milliseconds = 3_210
        return usage
    }

    @Test("a question's state is read from its audit row")
    func states() {
        let failure = Failure(error: BridgeError(.deadline, "Late."), errorID: "E-1", usage: usage)
        let stopped = Failure(error: BridgeError(.interrupted, "Stopped."), errorID: "E-1", usage: usage)
        let refusal = Refusal(message: "No.", rule: "r", usage: usage)
        let outcomes: [(QuestionOutcome, QuestionState)] = [
            (.answered(Answer(text: "x", usage: usage)), .answered),
            (.answered(Answer(text: "x", warning: .truncated, usage: usage)), .answered),
            (.refused(refusal), .refused), (.failed(failure), .failed), (.interrupted(stopped), .interrupted),
            (.cancelled(usage), .cancelled),
        ]
        for (outcome, state) in outcomes { #expect(past(outcome).state == state) }
    }

    @Test("a line has the state, time, duration, cost, link and the words of the question in one line")
    func line() {
        var answered = past(
            .answered(Answer(text: "x", usage: usage)), origin: QuestionOrigin(channel: "C1", threadTS: "1.0"))
        #expect(answered.message == MessageAddress(channel: "C1", ts: "1.0"))
        answered.link = "https://acme.example/archives/C1/p10?thread_ts=1.0&cid=C1"
        let line = UserMessages.history([answered])
        #expect(line.contains("<!date^1795341600^"))
        #expect(line.contains(" answered · 3.2 s · $0.0021 · "))
        #expect(line.contains("<https://acme.example/archives/C1/p10?thread_ts=1.0&amp;cid=C1|open>"))
        #expect(line.hasSuffix("why is &lt;checkout&gt; slow?"))
    }

    @Test("a question of HTTP has no message; a price that is not known is said so; nothing asked is said so")
    func bounds() {
        var usage = usage
        usage.priceKnown = false
        let question = past(.answered(Answer(text: "x", usage: usage)))
        #expect(question.message == nil)
        #expect(UserMessages.history([question]).contains("price unknown"))
        #expect(UserMessages.history([]).contains("not asked"))
    }
}
