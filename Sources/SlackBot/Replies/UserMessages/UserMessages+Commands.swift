import Analytics
import Bridge
import Foundation

/// Answers of `/omni-tool` and `/omni-history`.
extension UserMessages {
    /// The parent message of a tool call's thread.
    static func called(user: String, text: String) -> String { "<@\(user)> called a tool: \(Markdown.escape(text))" }

    /// In place of the result of a call.
    static let toolWithoutText = "The tool ran, and returned no text."

    /// Why the text of `/omni-tool` was not carried out.
    static func noCall(_ problem: ToolCommandText.Problem) -> String {
        let reason =
            switch problem {
            case .noTool: "Which tool? Write the server's name and the tool's."
            case .noPair(let word):
                "\(inlineCode(word)) is not `key=value`. Put a value with spaces in quotation marks."
            case .twice(let name): "\(inlineCode(name)) is given twice."
            case .unclosed(let name): "The value of \(inlineCode(name)) has no closing quotation mark."
            case .noObject: "The arguments are no JSON object."
            }
        return """
            :warning: \(reason)
            `/omni-tool server tool key=value …`, for example `/omni-tool ops list_deploys service=checkout limit=5`
            `/omni-help tools` lists the tools that you may use, `/omni-help server` those of a server with their arguments.
            """
    }

    /// - Parameters:
    ///   - isServer: whether the server exists.
    ///   - nearest: the name of a tool that the user may use.
    static func noSuchTool(_ tool: ToolName, isServer: Bool, nearest: String?) -> String {
        let what = isServer ? "tool \(inlineCode(tool.tool)) at" : "server"
        let question = nearest.map { " Did you mean \(inlineCode($0))?" } ?? ""
        return """
            :warning: There is no \(what) \(inlineCode(tool.server)).\(question)
            `/omni-help tools` lists the tools that you may use.
            """
    }

    static func historyUsage(most: Int) -> String { "`/omni-history [n]` shows your latest questions: 1 to \(most)." }
    static let historyUnavailable = ":warning: The store of questions cannot be read right now. Try again in a minute."

    /// The questions, newest first, a line each.
    static func history(_ questions: [PastQuestion]) -> String {
        guard !questions.isEmpty else { return "You have not asked me anything yet." }
        return SectionView.list(["*Your latest questions*"] + questions.map(line)) {
            "… and \($0) older ones, which are too long for a message"
        }
    }

    private static func line(_ question: PastQuestion) -> String {
        var parts = ["\(mark(question.state)) \(localTime(question.askedAt)) \(question.state.rawValue)"]
        if let expense = question.expense {
            parts.append(duration(expense.milliseconds))
            parts.append(expense.cost.map { "\($0)" } ?? "price unknown")
        }
        if let link = question.link { parts.append("<\(Markdown.escape(link))|open>") }
        return "\(parts.joined(separator: " · ")) · \(oneLine(question.text, longest: 120))"
    }

    private static func mark(_ state: QuestionState) -> String {
        switch state {
        case .answered: ":white_check_mark:"
        case .refused: ":no_entry:"
        case .failed, .interrupted: ":warning:"
        case .cancelled: ":octagonal_sign:"
        case .received, .working: ":hourglass_flowing_sand:"
        case .waiting: ":raised_hand:"
        }
    }

    /// A time in the reader's own time zone (docs.slack.dev, Formatting message text, dates).
    static func localTime(_ date: Date) -> String {
        "<!date^\(Int(date.timeIntervalSince1970))^{date_short_pretty} {time}|\(Timestamp.text(date))>"
    }

    /// A name or word as code; backquotes in it would end the code.
    static func inlineCode(_ text: String) -> String {
        "`\(Markdown.escape(String(text.prefix(80)).replacing("`", with: "'")))`"
    }

    /// The text in one line of at most `longest` characters, escaped.
    static func oneLine(_ text: String, longest: Int) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return Markdown.escape(line.shortened(to: longest))
    }
}
