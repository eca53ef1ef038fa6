import Analytics
import Bridge
import Foundation

/// What `/omni-status` shows.
enum StatusView {
    /// The text of `/omni-status`.
    ///
    /// - Parameters:
    ///   - queue: the number of questions of all processes by state, as ``Store/unendedCounts()``; nil: not known.
    ///   - tellsProblems: whether the problem of each server and the tools that are left out are included. The texts may
    ///     be the server's own and are for administrators only.
    static func text(
        _ report: HealthReport, name: String = "Omni", queue: [QuestionState: Int]? = nil, tellsProblems: Bool = true
    ) -> String {
        let title = "*\(Markdown.escape(name)) \(Version.current)*"
        var lines = ["\(title) is *\(report.state.rawValue)*, up for \(UserMessages.uptime(report.uptime))."]
        let store = report.storeProblem == nil ? report.store : "\(report.store) (unavailable)"
        lines.append("Model: `\(report.model)` · store: \(store)")
        if let line = spool(report) { lines.append(line) }
        if let slack = report.slack {
            lines += UserMessages.socketMode(slack, uptime: report.uptime)
        }
        lines.append("Questions being answered: \(report.questions)\(queue.map(words) ?? "")")
        if report.servers.isEmpty {
            lines.append("No MCP server is configured yet; an administrator adds them in `mcps.yaml`.")
        }
        for server in report.servers {
            var line = "\(server.state.mark) *\(Markdown.escape(server.displayName))* \(server.state.rawValue)"
            if server.state == .healthy || server.state == .degraded { line += " (\(server.tools) tools)" }
            if tellsProblems, let problem = server.problem { line += ": \(Markdown.escape(problem))" }
            lines.append(line)
            if tellsProblems, let line = leftOut(server) { lines.append(line) }
        }
        return lines.joined(separator: "\n")
    }

    private static func words(_ queue: [QuestionState: Int]) -> String {
        let working = queue[.working] ?? 0
        return " here, \(working) in all processes · \(queue[.received] ?? 0) not begun · "
            + "\(queue[.waiting] ?? 0) waiting for their askers"
    }

    /// nil when the server has no tool that is left out.
    private static func leftOut(_ server: ServerStatus) -> String? {
        guard !server.leftOut.isEmpty else { return nil }
        let tools = server.leftOut.prefix(5).map { "`\(Markdown.escape($0.name))` (\(Markdown.escape($0.reason)))" }
        let more = server.leftOut.count > 5 ? " and \(server.leftOut.count - 5) more" : ""
        return "    Left out: \(tools.joined(separator: ", "))\(more)"
    }

    /// nil while the store is available and the spool is empty.
    private static func spool(_ report: HealthReport) -> String? {
        guard let spool = report.spool, spool.awaySince != nil || spool.spooled > 0 else { return nil }
        let count = spool.spooled == 1 ? "1 question is" : "\(spool.spooled) questions are"
        let kept = "\(count) kept on the disk and will be written to the store."
        guard let since = spool.awaySince else { return kept }
        let away =
            ":large_yellow_circle: The store has been unavailable since <!date^\(Int(since.timeIntervalSince1970))^"
        let answers = report.needsStore ? "Until it is back I do not answer." : "I go on answering."
        return "\(away){time_secs}|\(Timestamp.text(since))>. \(answers) \(kept)"
    }
}
