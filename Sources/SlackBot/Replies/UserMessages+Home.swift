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

    static let homeNoProblems = ":white_check_mark: The last reload of the files found no problem."

    static func homeRole(_ role: String, _ description: String) -> String {
        let about = description.isEmpty ? "" : ": \(line(description, most: 300))"
        return "Your role is *\(line(role, most: 75))*\(about)"
    }

    static func homeLimits(_ page: HomePage) -> String {
        let turns = page.turns == 1 ? "1 turn" : "\(page.turns) turns"
        let limits = "A question may take \(turns) of the model and \(uptime(page.deadline))."
        return page.today.map { "You asked \(count($0.questions)) today (\($0.cost)) · \(limits)" } ?? limits
    }

    /// The question as a link to its thread.
    static func homeQuestion(_ question: HomePage.Question) -> String {
        let text = line(question.text, most: 150)
        let label = text.isEmpty ? "(no text)" : text.replacing("`", with: "'")
        return question.link.map { "<\($0)|\(label)>" } ?? label
    }

    static func homeQuestionState(_ question: HomePage.Question) -> String {
        let cost = question.cost.map { " · \($0)" } ?? ""
        return "\(words(question.state)) · \(date(question.askedAt))\(cost)"
    }

    static func homeServer(_ server: HomePage.Server) -> String {
        let name = "\(server.state.mark) *\(line(server.name, most: 75))* \(server.state.rawValue)"
        let tools = server.tools == 0 ? "" : " (\(server.tools == 1 ? "1 tool" : "\(server.tools) tools") for you)"
        return name + tools + (server.problem.map { ": \(line($0, most: 200))" } ?? "")
    }

    static func homeFigures(_ figures: HomeFigures) -> String {
        let calls = figures.failedCalls == 1 ? "1 failed tool call" : "\(figures.failedCalls) failed tool calls"
        var lines = [
            "*Cost*: \(figures.use.cost) for \(count(figures.use.questions))",
            "*Errors*: \(figures.errors == 0 ? "none" : count(figures.errors)), \(calls)",
        ]
        lines += figures.messages.map { "• \($0.count) × \(line($0.message, most: 120))" }
        if !figures.slowest.isEmpty {
            let servers = figures.slowest.map { "\(line($0.name, most: 75)) \(seconds($0.milliseconds)) s" }
            lines.append("*Slowest servers*, p95 of 7 days: \(servers.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n")
    }

    static func homeProblem(_ problem: ConfigProblem) -> String {
        let mark = problem.severity == .error ? ":red_circle:" : ":large_yellow_circle:"
        return "\(mark) \(line(problem.description, most: 400))"
    }

    static func homeRead(at time: Date) -> String { "As of \(date(time))" }

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

    /// In the reader's time zone (docs.slack.dev, Formatting message text: dates).
    private static func date(_ time: Date) -> String {
        "<!date^\(Int(time.timeIntervalSince1970))^{date_short_pretty} {time}|\(Timestamp.text(time))>"
    }

    /// Untrusted text on one line, cut and escaped.
    private static func line(_ text: String, most: Int) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return Markdown.escape(line.count > most ? "\(line.prefix(most - 1))…" : line)
    }
}
