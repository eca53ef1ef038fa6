import Bridge

/// What `/omni-help` shows without a topic.
enum HelpView {
    /// A server with the tools on it that the reader may use.
    struct Server: Sendable {
        let status: ServerStatus
        let tools: [ToolDefinition]
    }

    /// Examples in the overview.
    private static let mostExamples = 5

    private static func about(_ role: Role?) -> String {
        guard let description = role?.description, !description.isEmpty else { return "" }
        return " (\(Markdown.escape(description)))"
    }

    /// The overview: `servers` with the tools, and the commands, that the principal may use here.
    static func text(
        _ principal: Principal, role: Role?, servers: [(status: ServerStatus, tools: [String])],
        commands: [SlackSettings.Command]
    ) -> String {
        var lines = [
            "*Ask me about your systems*: `/omni why is checkout slow?`, mention me in a channel, or write me a direct message.",
            "Your role is *\(Markdown.escape(role?.displayName ?? principal.role))*\(about(role)).",
        ]
        let usable = servers.filter { !$0.tools.isEmpty }
        if usable.isEmpty { lines.append(noTools) }
        if !usable.isEmpty { lines.append(overview(of: usable)) }
        lines += commands.map(line(of:))
        let examples = examples(of: commands).prefix(mostExamples)
        if !examples.isEmpty { lines += ["For example:"] + examples }
        return (lines + [topics]).joined(separator: "\n")
    }

    /// nothing while the server is healthy.
    static func state(of status: ServerStatus) -> String {
        status.state == .healthy ? "" : " (\(status.state.rawValue))"
    }

    /// A command with its usage and description.
    static func line(of command: SlackSettings.Command) -> String {
        "`\(Markdown.escape(command.usage))` \(Markdown.escape(command.description))"
    }

    /// The configured examples of the commands, a line for each.
    static func examples(of commands: [SlackSettings.Command]) -> [String] {
        commands.flatMap { command in
            command.examples.map { example in
                let call = example.hasPrefix("/") ? example : "\(command.name) \(example)"
                return "• `\(Markdown.escape(call.replacing("`", with: "'")))`"
            }
        }
    }

    static let noTools = """
        You have no tools yet, so I answer from the model alone. An administrator adds servers and gives you access to them.
        """

    private static let topics = """
        More: `/omni-help tools`, `servers`, `commands`, `examples`, `permissions`, or the name of a server. In a thread, \
        where Slack has no commands, write `!help`, `!stop` or `!retry`.
        """
}
