import Analytics
import Bridge

/// The texts of `/omni-help` and `/omni-status` by the templates of slack.yaml.
enum TemplateView {
    /// - Parameters:
    ///   - servers: with the tools that the principal may use here.
    ///   - commands: those that the principal may use.
    static func help(
        _ template: MessageTemplate, _ principal: Principal, role: Role?,
        servers: [(status: ServerStatus, tools: [String])], commands: [SlackSettings.Command]
    ) -> String {
        let usable = servers.filter { !$0.tools.isEmpty }
        return template.text([
            .name: Markdown.escape(principal.name), .role: Markdown.escape(role?.displayName ?? principal.role),
            .rateLimit: UserMessages.noLimit, .commands: list(commands.map { "\($0.usage) \($0.description)" }),
            .toolCount: "\(usable.reduce(0) { $0 + $1.tools.count })", .examples: list(commands.flatMap(\.examples)),
            .servers: list(usable.map(\.status.displayName)),
        ])
    }

    /// - Parameter today: nil when the store cannot be read.
    static func status(
        _ template: MessageTemplate, _ report: HealthReport, today: TodayFigures?, usesEmoji: Bool = true
    ) -> String {
        let emoji = report.state == .healthy ? ":white_check_mark:" : ":warning:"
        let servers = report.servers.map { "\($0.displayName): \($0.state.rawValue) (\($0.tools) tools)" }
        return template.text([
            .emoji: usesEmoji ? emoji : "", .serverStatus: list(servers),
            .servers: list(report.servers.map(\.displayName)),
            .totalTools: "\(report.servers.reduce(0) { $0 + $1.tools })",
            .activeUsers: today.map { "\($0.users)" } ?? UserMessages.unknown,
            .requestsToday: today.map { "\($0.questions)" } ?? UserMessages.unknown,
            .uptime: UserMessages.uptime(report.uptime), .version: Version.current,
        ])
    }

    /// One item a line, escaped.
    static func list(_ items: [String]) -> String {
        items.isEmpty ? UserMessages.none : items.map { "• \(Markdown.escape($0))" }.joined(separator: "\n")
    }
}
