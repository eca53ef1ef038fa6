import Analytics
import Bridge
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

    @Test("many calls and long results stay within the limits of a view")
    func long() {
        let activities = (0..<80).map { activity("\($0)") }
        let view = AnswerDetailsView.modal(details(activities, result: String(repeating: "word ", count: 10_000)))
        let blocks = view["blocks"]?.array ?? []
        #expect(blocks.count <= 100 && blocks.last?.text().contains("50 more calls") == true)
        #expect(view.text().utf8.count < 250_000)
    }
}
