import Analytics
import Bridge
import Foundation

/// The texts of the App Home, in mrkdwn; headings are plain text.
extension UserMessages {
    static let homeQuestions = "Your last questions"
    static let homeServers = "Servers that you may use"
    static let homeEveryone = "Everyone, today"
    static let homeConfiguration = "Configuration"
    static let homeUnreadable = ":warning: This cannot be read right now. Open this page again in a few minutes."
    static let homeNoQuestions = """
        None yet. Mention me in a channel, write to me in *Messages*, or use `/omni why is checkout slow?`
        """
    static let homeNoServers = """
        None yet, so I answer from the model alone. An administrator adds servers and gives you access to them.
        """

    /// The prompt for the help.
    static let helpPrompt = "What can you do?"

    /// The prompt for a tool that needs no argument. Names are verbs more often than titles are.
    static func toolPrompt(_ tool: ToolName, server: String) -> String {
        let words = tool.tool.split { $0 == "_" || $0 == "-" }.joined(separator: " ")
        return "\(server): \(words.prefix(1).uppercased())\(words.dropFirst())"
    }

    static let homeNoProblems = ":white_check_mark: No problem was found when the files were last read."

    static func homeRole(_ role: String, _ description: String) -> String {
        let about = description.isEmpty ? "" : ": \(oneLine(description, longest: 300))"
        return "Your role is *\(oneLine(role, longest: 75))*\(about)"
    }

    static func homeLimits(_ page: HomePage) -> String {
        let turns = page.turns == 1 ? "1 turn" : "\(page.turns) turns"
        let limits = "A question may take \(turns) of the model and \(uptime(page.deadline))."
        return page.today.map { "You asked \(count($0.questions)) today (\($0.cost)) · \(limits)" } ?? limits
    }

    /// The question as a link to its thread.
    static func homeQuestion(_ question: PastQuestion) -> String {
        let text = oneLine(question.text, longest: 150)
        let label = text.isEmpty ? "(no text)" : text.replacing("`", with: "'")
        return question.link.map { "<\(Markdown.escape($0))|\(label)>" } ?? label
    }

    static func homeQuestionState(_ question: PastQuestion) -> String {
        let cost = question.expense?.cost.map { " · \($0)" } ?? ""
        return "\(words(question.state)) · \(localTime(question.askedAt))\(cost)"
    }

    static func homeServer(_ server: HomePage.Server) -> String {
        let name = "\(server.state.mark) *\(oneLine(server.name, longest: 75))* \(server.state.rawValue)"
        let tools = server.tools == 0 ? "" : " (\(server.tools == 1 ? "1 tool" : "\(server.tools) tools") for you)"
        return name + tools + (server.problem.map { ": \(oneLine($0, longest: 200))" } ?? "")
    }

    static func homeFigures(_ figures: HomeFigures) -> String {
        let calls = figures.failedCalls == 1 ? "1 failed tool call" : "\(figures.failedCalls) failed tool calls"
        var lines = [
            "*Cost*: \(figures.totals.cost) for \(count(figures.totals.questions))",
            "*Errors*: \(figures.errors == 0 ? "none" : count(figures.errors)), \(calls)",
        ]
        lines += figures.messages.map { "• \($0.count) × \(oneLine($0.message, longest: 120))" }
        if !figures.slowest.isEmpty {
            let servers = figures.slowest.map { "\(oneLine($0.server, longest: 75)) \(duration($0.milliseconds))" }
            lines.append("*Slowest servers*, p95 of 7 days: \(servers.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n")
    }

    static func homeProblem(_ problem: ConfigProblem) -> String {
        let mark = problem.severity == .error ? ":red_circle:" : ":large_yellow_circle:"
        return "\(mark) \(oneLine(problem.description, longest: 400))"
    }

    static func homeRead(at time: Date) -> String { "As of \(localTime(time))" }

    private static func words(_ state: QuestionState) -> String {
        switch state {
        case .received: ":hourglass_flowing_sand: waits for its turn"
        case .working: ":hourglass_flowing_sand: in progress"
        case .waiting: ":speech_balloon: waits for your answer"
        case .answered: ":white_check_mark: answered"
        case .refused: ":no_entry: refused"
        case .failed: ":warning: failed"
        case .cancelled: ":octagonal_sign: stopped"
        case .interrupted: ":warning: interrupted"
        }
    }

    private static func count(_ questions: Int) -> String { questions == 1 ? "1 question" : "\(questions) questions" }
}
