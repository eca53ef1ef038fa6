import Analytics
import Bridge

@testable import SlackBot

extension KeyEffect {
    /// The texts that the templates and the sections about the asker and the figures decide.
    func words(_ settings: Settings, _ policy: Policy) -> String {
        let slack = settings.slack
        let ana = people(settings)[0]
        let role = policy.role(of: ana)
        let channel = Place(entryPoint: .slack, channel: "C1", channelName: "ops")
        let direct = Place(entryPoint: .slack, channel: "D1", isDirect: true)
        let shown = [(channel, true), (channel, false), (direct, true)].map {
            "\(slack.userInfo.isShown(in: $0, beginsThread: $1)) "
                + "\(slack.diagnostics.places.contains($0, beginsThread: $1))"
        }
        let asker = UserMessages.asker(
            ana, role, servers: ["Jira"], showing: slack.userInfo, usesEmoji: slack.behavior.usesEmoji)
        let welcome = slack.templates.welcome?.text([.name: ana.name]) ?? ""
        var late = ProgressText(late: slack.behavior.timeoutMessage)
        late.becomeLate()
        return """
            \(shown) \(slack.userInfo.isEnabled ? asker : "") \(welcome) \(late.message.text)
            \(slack.behavior.acknowledgesAtOnce) \(rendered(slack)) \(commands(slack, ana, role))
            """
    }

    /// The messages of an answer, a failure, an unavailable server and a denied call.
    private func rendered(_ slack: SlackSettings) -> [SlackMessage] {
        var style = AnswerMessages.Style()
        style.templates = slack.templates
        var call = ToolActivity(
            id: "1", name: ToolName(server: "jira", tool: "get_row"), arguments: [:],
            verdict: Verdict(.deny, step: nil, rule: .builtIn("test"), reason: ""))
        call.outcome = .denied
        var usage = Usage()
        usage.calls = [call]
        var away = BridgeError(.serverUnavailable, "jira is away.")
        away.server = "jira"
        let outcomes: [QuestionOutcome] = [
            .answered(Answer(text: "Fine.", usage: Usage())),
            .failed(Failure(error: BridgeError(.deadline, "Late."), errorID: "E-1", usage: Usage())),
            .failed(Failure(error: away, errorID: "E-2", usage: Usage())),
            .refused(Refusal(message: "No.", rule: "test", usage: usage)),
        ]
        return outcomes.flatMap { AnswerMessages.render($0, style: style).messages }
    }

    private func commands(_ slack: SlackSettings, _ ana: Principal, _ role: Role) -> [String] {
        let report = HealthReport(
            servers: [], store: "SQLite", model: "offline", questions: 0, uptime: .seconds(5), readiness: .ready)
        let today = TodayFigures(questions: 3, users: 2)
        return [
            slack.templates.help.map {
                TemplateView.help(
                    $0, ana, role: role, servers: [], commands: slack.commands.values.sorted { $0.name < $1.name })
            } ?? "", slack.templates.status.map { TemplateView.status($0, report, today: today) } ?? "",
        ]
    }
}
