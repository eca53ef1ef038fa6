import Bridge

/// The topics of `/omni-help`.
extension HelpView {
    /// Tools of each server in ``tools(_:)``.
    private static let mostTools = 15
    /// Arguments of a tool in ``server(_:)``.
    private static let mostArguments = 8

    static func noTopic(_ topic: String) -> String {
        "There is no help on \(UserMessages.inlineCode(topic)), and no server of that name that you may use."
    }

    /// The tools by server, each with the first line of its description.
    static func tools(_ servers: [Server]) -> String {
        let usable = servers.filter { !$0.tools.isEmpty }
        guard !usable.isEmpty else { return noTools }
        return usable.map { server in
            let lines = server.tools.prefix(mostTools).map { "• \(name(of: $0)) \(about($0))" }
            let left = server.tools.count - lines.count
            let more = left > 0 ? ["… and \(left) more: `/omni-help \(Markdown.escape(server.status.name))`"] : []
            return ([title(of: server)] + lines + more).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// The servers of which the reader may use a tool.
    static func servers(_ servers: [Server]) -> String {
        let usable = servers.filter { !$0.tools.isEmpty }
        guard !usable.isEmpty else { return noTools }
        let lines = usable.map { server in
            let count = server.tools.count == 1 ? "1 tool" : "\(server.tools.count) tools"
            return "• \(title(of: server)) \(UserMessages.inlineCode(server.status.name)): \(count)"
        }
        return (lines + ["`/omni-help server` lists a server's tools, with their arguments."]).joined(separator: "\n")
    }

    /// The tools of one server, as `/omni-tool` takes them.
    static func server(_ server: Server) -> String {
        let lines = server.tools.map { tool in
            let call = ([tool.name.server, tool.name.tool] + arguments(of: tool)).joined(separator: " ")
            return "• `\(Markdown.escape(call.replacing("`", with: "'")))` \(about(tool))"
        }
        return ([title(of: server)] + lines).joined(separator: "\n")
    }

    static func commands(_ commands: [SlackSettings.Command]) -> String {
        let inThreads = [
            "`!help [topic]` the same in a thread, where Slack has no commands",
            "`!stop` in a thread: stops what is being answered there, as the button Stop does",
            "`!retry` in a thread: asks your newest question there again",
        ]
        return (commands.map(line(of:)) + inThreads).joined(separator: "\n")
    }

    static func examples(_ commands: [SlackSettings.Command]) -> String {
        let lines = examples(of: commands)
        return lines.isEmpty ? "No examples are configured." : lines.joined(separator: "\n")
    }

    /// The bounds of a question, and of what the principal may reach.
    static func limits(_ principal: Principal, _ snapshot: SettingsSnapshot) -> String {
        let (limits, model) = (snapshot.limits, snapshot.model)
        var lines = [
            "Your role is *\(Markdown.escape(snapshot.policy.role(of: principal).displayName))*.",
            "• A question has at most \(limits.questionCharacters) characters.",
            "• An answer takes at most \(UserMessages.uptime(limits.deadline)) and \(model.maxIterations) turns of the model.",
            "• Of a tool's result the first \(limits.resultCharacters) characters are read.",
        ]
        if let domains = principal.domains, !domains.isEmpty, let topics = restriction(domains) {
            lines.append("• Without tools I answer about: \(topics).")
        }
        let allDatabases = snapshot.policy.role(of: principal).canAccessAllDatabases
        if !allDatabases, let databases = restriction(principal.databases) {
            lines.append("• The databases that you may use: \(databases).")
        }
        return lines.joined(separator: "\n")
    }

    /// The allowed values; nil when all are.
    private static func restriction(_ values: [String]?) -> String? {
        guard let values, !values.contains("*") else { return nil }
        return values.isEmpty ? "none" : values.map { UserMessages.inlineCode($0) }.joined(separator: ", ")
    }

    private static func title(of server: Server) -> String {
        "*\(Markdown.escape(server.status.displayName))*\(state(of: server.status))"
    }

    private static func name(of tool: ToolDefinition) -> String { UserMessages.inlineCode(tool.name.tool) }

    private static func about(_ tool: ToolDefinition) -> String {
        UserMessages.oneLine(tool.description.lines.first.map(String.init) ?? "", longest: 120)
    }

    /// `name=…` for each argument, the optional ones in brackets and last.
    private static func arguments(of tool: ToolDefinition) -> [String] {
        let required = (tool.inputSchema["required"]?.array ?? []).compactMap(\.string)
        let names = (tool.inputSchema["properties"]?.object ?? [:]).keys
        let all =
            names.filter(required.contains).map { "\($0)=…" }
            + names.filter { !required.contains($0) }.map {
                "[\($0)=…]"
            }
        return Array(all.prefix(mostArguments)) + (all.count > mostArguments ? ["…"] : [])
    }
}
