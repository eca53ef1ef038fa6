import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("The details of an answer")
struct AnswerDetailsViewTests {
    private static let secret = ToolName(server: "vault", tool: "read_secret")
    private static let open = ToolName(server: "ops", tool: "list_services")

    private func activity(
        _ id: String, _ name: ToolName = open, _ outcome: ToolActivity.Outcome = .succeeded,
        arguments: JSONValue = ["team": "payments"]
    ) -> ToolActivity {
        let verdict = Verdict(.allow, step: nil, rule: .builtIn("test"), reason: "")
        var activity = ToolActivity(id: id, name: name, arguments: arguments, verdict: verdict)
        activity.outcome = outcome
        activity.milliseconds = 1_234
        activity.resultBytes = 42
        return activity
    }

    private func details(_ activities: [ToolActivity], result: String = "checkout is slow") -> AnswerDetails {
        let asker = Principal(email: "ana@acme.example", name: "Ana", role: "dba", source: .builtIn("test"))
        let question = Question(
            asker: asker, text: "why <now>?", place: Place(entryPoint: .slack, channel: "C1"), threadKey: "T1:C1:1.0")
        var usage = Usage()
        usage.iterations = 2
        usage.tokens = TokenUsage(input: 140, output: 346)
        usage.cost = Money(nano: 2_000_000)
        usage.calls = activities
        let audit = AuditRow(
            FinishedQuestion(
                question, origin: QuestionOrigin(), outcome: .answered(Answer(text: "Slow.", usage: usage))))
        let steps = activities.map {
            QuestionStep.toolResult($0, ToolResult(content: [.text(result)], isError: false))
        }
        return AnswerDetails(
            audit, calls: activities.map { ToolCallRow(question: question.id, userEmail: nil, activity: $0) },
            steps: steps, mayRead: { name, _ in name == Self.open })
    }

    @Test("a call is shown with its arguments, time and result; what the user may not read is hidden")
    func hidden() {
        let activities = [activity("1"), activity("2", Self.secret, arguments: ["path": "root-key"])]
        let text = AnswerDetailsView.modal(details(activities, result: "value-of-it")).text()
        #expect(text.contains("why &lt;now&gt;?") && text.contains("2 turns · 2 calls"))
        #expect(text.contains("payments") && text.contains("1.2 s · 42 bytes"))
        #expect(text.contains("vault.read_secret") && !text.contains("root-key"))
        #expect(text.components(separatedBy: "value-of-it").count == 2)
    }

    @Test("tokens and cost are shown to those who may see them")
    func figures() {
        var details = details([])
        let without = AnswerDetailsView.modal(details).text()
        #expect(!without.contains("140") && !without.contains("$"))
        #expect(without.contains("No tool was called."))
        details.showsTokens = true
        details.showsCost = true
        let with = AnswerDetailsView.modal(details).text()
        #expect(with.contains("140 tokens in, 346 out") && with.contains("\(details.audit.cost)"))
    }

    @Test("votes are shown with their comments as they were written, the newest negative one first")
    func votes() throws {
        var details = details([])
        func vote(_ vote: Feedback.Vote, _ voter: String, _ second: Double, _ comment: String? = nil) -> Feedback {
            Feedback(
                question: ULID(), voter: "\(voter)@acme.example", vote: vote, at: Date(timeIntervalSince1970: second),
                comment: comment)
        }
        details.votes = [vote(.down, "ana", 1), vote(.down, "ben", 2, "<!here> *old*"), vote(.up, "cleo", 3)]
        let text = AnswerDetailsView.modal(details).text()
        let places = ["Bad answer · ben@", "<!here> *old*", "Bad answer · ana@", "Good answer · cleo@"].map {
            text.range(of: $0)?.lowerBound
        }
        let found = places.compactMap(\.self)
        #expect(found.count == 4 && found == found.sorted())
    }

    @Test("many calls and long results stay within the limits of a view")
    func long() {
        let activities = (0..<80).map { activity("\($0)") }
        var details = details(activities, result: String(repeating: "word ", count: 10_000))
        details.votes = (0..<40).map {
            Feedback(
                question: ULID(), voter: "\($0)@acme.example", vote: .down, at: Date(),
                comment: String(repeating: "w", count: 2_000))
        }
        let view = AnswerDetailsView.modal(details)
        let blocks = view["blocks"]?.array ?? []
        #expect(blocks.count <= 100 && blocks.last?.text().contains("50 more calls") == true)
        #expect(view.text().utf8.count < 250_000 && view.text().contains("35 more votes"))
    }
}
