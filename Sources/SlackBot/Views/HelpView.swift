import Bridge

/// What `/omni-help` shows.
enum HelpView {
    private static func about(_ role: Role?) -> String {
        guard let description = role?.description, !description.isEmpty else { return "" }
        return " (\(Markdown.escape(description)))"
    }

    /// The text of `/omni-help`: `servers` with the tools, and the commands, that the principal may use here.
    static func text(
        _ principal: Principal, role: Role?, servers: [(status: ServerStatus, tools: [String])],
        commands: [SlackSettings.Command]
    ) -> String {
        var lines = [
            "*Ask me about your systems*: `/omni why is checkout slow?`, mention me in a channel, or write to me here.",
            "Your role is *\(Markdown.escape(role?.displayName ?? principal.role))*\(about(role)).",
        ]
        let usable = servers.filter { !$0.tools.isEmpty }
        if usable.isEmpty {
            lines.append(
                "You have no tools yet, so I answer from the model alone. An administrator adds servers in `mcps.yaml`."
            )
        }
        for (status, tools) in usable {
            let more = tools.count > 12 ? " and \(tools.count - 12) more" : ""
            let names = tools.prefix(12).map { "`\(Markdown.escape($0))`" }.joined(separator: ", ")
            let state = status.state == .healthy ? "" : " (\(status.state.rawValue))"
            lines.append("• *\(Markdown.escape(status.displayName))*\(state): \(names)\(more)")
        }
        lines += commands.map { command in
            "`\(Markdown.escape(command.usage))` \(Markdown.escape(command.description))"
        }
        return lines.joined(separator: "\n")
    }
}
