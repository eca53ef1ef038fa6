import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("The view of the App Home")
struct HomeViewTests {
    private static let time = Date(timeIntervalSince1970: 1_795_341_600)

    private static func page(
        today: ReportTotals? = ReportTotals(questions: 2, cost: Money(nano: 2_100_000)),
        questions: [PastQuestion]? = [], servers: [HomePage.Server] = [],
        administration: HomePage.Administration? = nil
    ) -> HomeContents {
        .page(
            HomePage(
                role: "Database administrator", roleDescription: "tunes & mends", turns: 10, deadline: .seconds(300),
                today: today, questions: questions, servers: servers, administration: administration, at: time))
    }

    private static func question(
        _ text: String, _ state: QuestionState = .answered, link: String? = "https://acme.example/archives/C1/p15",
        cost: Money? = Money(nano: 2_100_000)
    ) -> PastQuestion {
        PastQuestion(
            id: ULID(), state: state, askedAt: time, text: text,
            expense: AskedQuestion.Expense(milliseconds: 1, cost: cost), link: link)
    }

    private static let figures = HomeFigures(
        cost: ["totals": ["questions": 3, "cost_nano": 1_500_000_000]],
        errors: [
            "totals": ["errors": 1, "failed_calls": 2],
            "rows": [["message": "unreachable <!channel>", "count": 1]],
        ],
        servers: ["rows": [["mcp": "ops", "p95_ms": 900], ["mcp": "database", "p95_ms": 4_200]]])

    /// All texts of a view, one a line.
    private func text(_ contents: HomeContents) -> String { HomeView.json(contents).texts.joined(separator: "\n") }

    @Test("a user sees role, limits, use, questions with link, state and cost, and servers with their health")
    func user() {
        let servers = [
            HomePage.Server(name: "Ops", state: .healthy, tools: 3, problem: nil),
            HomePage.Server(name: "Logs", state: .unhealthy, tools: 0, problem: nil),
        ]
        let questions = [Self.question("why is it\nslow?"), Self.question("", .working, link: nil, cost: nil)]
        let text = text(Self.page(questions: questions, servers: servers))
        #expect(text.contains("Your role is *Database administrator*: tunes &amp; mends"))
        #expect(text.contains("You asked 2 questions today ($0.0021) · A question may take 10 turns"))
        #expect(text.contains("of the model and 5 minutes."))
        #expect(text.contains("<https://acme.example/archives/C1/p15|why is it slow?>"))
        #expect(text.contains(":white_check_mark: answered · <!date^1795341600^{date_short_pretty} {time}|"))
        #expect(text.contains("> · $0.0021"))
        #expect(text.contains("(no text)") && text.contains("in progress"))
        #expect(text.contains(":large_green_circle: *Ops* healthy (3 tools for you)"))
        #expect(text.contains(":red_circle: *Logs* unhealthy"))
        #expect(text.components(separatedBy: "\n").count { $0 == UserMessages.stop } == 1, "only what is running")
        #expect(!text.contains(UserMessages.homeEveryone) && !text.contains(UserMessages.homeConfiguration))
    }

    @Test("an administrator sees cost, errors and slow servers of everyone, and the problems of the configuration")
    func administrator() {
        let problems = [
            ConfigProblem(.error, file: "config/slack.yaml", line: 3, column: 1, message: "unknown mode <x>"),
            ConfigProblem(.warning, file: "config/mcps.yaml", message: "nobody may use it"),
        ]
        let text = text(Self.page(administration: HomePage.Administration(figures: Self.figures, problems: problems)))
        #expect(text.contains("*Cost*: $1.5000 for 3 questions"))
        #expect(text.contains("*Errors*: 1 question, 2 failed tool calls"))
        #expect(text.contains("• 1 × unreachable &lt;!channel&gt;"))
        #expect(text.contains("p95 of 7 days: database 4.2 s, ops 900 ms"))
        #expect(text.contains(":red_circle: config/slack.yaml:3:1: unknown mode &lt;x&gt;"))
        #expect(text.contains(":large_yellow_circle: config/mcps.yaml: nobody may use it"))
    }

    @Test("what cannot be read or does not exist is said; a user who may not use Omni sees the reason and nothing else")
    func missing() {
        let unread = HomePage.Administration(figures: nil, problems: [])
        let text = text(Self.page(today: nil, questions: nil, administration: unread))
        #expect(text.components(separatedBy: UserMessages.homeUnreadable).count == 3)
        #expect(!text.contains("You asked") && text.contains(UserMessages.homeNoServers))
        #expect(text.contains(UserMessages.homeNoProblems))
        #expect(self.text(Self.page()).contains(UserMessages.homeNoQuestions))
        #expect(HomeView.json(.refused(UserMessages.disabled)).texts == [UserMessages.disabled])
    }

    @Test("text of a question or a server pings nobody, opens no link and breaks none")
    func untrusted() {
        let text = text(
            Self.page(
                questions: [Self.question("<!channel> `code|x> <https://evil.example|safe>")],
                servers: [HomePage.Server(name: "<@U0ANA>", state: .degraded, tools: 1, problem: "<!here>\nline")]))
        #expect(text.contains("|&lt;!channel&gt; 'code|x&gt; &lt;https://evil.example|safe&gt;>"))
        #expect(text.contains("*&lt;@U0ANA&gt;* degraded (1 tool for you): &lt;!here&gt; line"))
    }

    @Test("the longest contents stay within Slack's limits of a view")
    func limits() {
        let long = String(repeating: "<&\u{1F600} word ", count: 1_000)
        let contents = Self.page(
            questions: (0..<10).map { _ in Self.question(long) },
            servers: (0..<300).map { _ in HomePage.Server(name: long, state: .unhealthy, tools: 9, problem: long) },
            administration: HomePage.Administration(
                figures: Self.figures,
                problems: (0..<300).map { _ in ConfigProblem(.error, file: long, message: long, hint: long) }))
        let view = HomeView.json(contents)
        let blocks = view["blocks"]?.array ?? []
        #expect(blocks.count > 20 && blocks.count <= 100)
        #expect(view.bytes().count < 250_000)
        #expect(view.texts.allSatisfy { (1...3_000).contains($0.count) })
        #expect(text(contents).contains("… and 270 more") && text(contents).contains("… and 290 more"))
    }

    @Test("the address of a message in a thread names the thread, that of a thread's root does not")
    func permalink() {
        let workspace = "https://acme.example/"
        #expect(
            MessageLink.url(workspace: workspace, channel: "C1", ts: "1795341600.000100")
                == "https://acme.example/archives/C1/p1795341600000100")
        #expect(
            MessageLink.url(workspace: workspace, channel: "C1", ts: "2.000200", thread: "2.000200")
                == "https://acme.example/archives/C1/p2000200")
        #expect(
            MessageLink.url(workspace: workspace, channel: "C1", ts: "2.000200", thread: "1.000100")
                == "https://acme.example/archives/C1/p2000200?thread_ts=1.000100&cid=C1")
    }
}

extension JSONValue {
    /// All strings under the key `text`, at any depth, in their order.
    fileprivate var texts: [String] {
        switch self {
        case .array(let elements): elements.flatMap(\.texts)
        case .object(let members):
            members.flatMap { member in
                if member.key == "text", let text = member.value.string { return [text] }
                return member.value.texts
            }
        default: []
        }
    }
}
