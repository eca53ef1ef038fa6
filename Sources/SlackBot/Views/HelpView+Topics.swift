import Bridge

/// The topics of `/omni-help`.
extension HelpView {
    /// Tools of each server in ``overview(of:)`` and ``tools(_:)``: as many as leave each server its line.
    private static let namesOfServer = [12, 6, 3, 0]
    private static let toolsOfServer = [15, 10, 6, 3, 1, 0]
    /// UTF-16 units of ``overview(of:)``: commands and topics stand below it.
    private static let longestOverview = 6_000
    /// Arguments of a tool in ``server(_:)``.
    private static let mostArguments = 8

    static func noTopic(_ topic: String) -> String {
        "There is no help on \(UserMessages.inlineCode(topic)), and no server of that name that you may use."
    }

    /// The tools by server, each with the first line of its description.
    static func tools(_ servers: [Server]) -> String {
        let usable = servers.filter { !$0.tools.isEmpty }
        guard !usable.isEmpty else { return noTools }
        let lists = toolsOfServer.lazy.map { most in usable.map { tools(of: $0, most) } }
        return fitting(lists, upTo: SectionView.longestText)
    }

    private static func tools(of server: Server, _ most: Int) -> String {
        let lines = server.tools.prefix(most).map { "• \(name(of: $0)) \(about($0))" }
        let left = server.tools.count - lines.count
        let what = lines.isEmpty ? count(left) : "… and \(left) more"
        let more = left > 0 ? ["\(what): `/omni-help \(Markdown.escape(server.status.name))`"] : []
        return ([title(of: server)] + lines + more).joined(separator: "\n")
    }

    /// The servers with the first of their tools.
    static func overview(of servers: [(status: ServerStatus, tools: [String])]) -> String {
        let lists = namesOfServer.lazy.map { most in
            servers.map { status, tools in
                let names = tools.prefix(most).map { "`\(Markdown.escape($0))`" }.joined(separator: ", ")
                let more = tools.count > most ? " and \(tools.count - most) more" : ""
                return "• \(title(of: status)): \(most == 0 ? count(tools.count) : names + more)"
            }
        }
        return fitting(lists, upTo: longestOverview)
    }

    /// The first of the lists that fits; of the last one as many servers as fit.
    private static func fitting(_ lists: some Sequence<[String]>, upTo limit: Int) -> String {
        var last: [String] = []
        for list in lists {
            let text = list.joined(separator: "\n")
            if text.utf16.count <= limit { return text }
            last = list
        }
        return SectionView.list(last, upTo: limit) { "… and \($0) more servers: `/omni-help servers`" }
    }

    /// The servers of which the reader may use a tool.
    static func servers(_ servers: [Server]) -> String {
        let usable = servers.filter { !$0.tools.isEmpty }
        guard !usable.isEmpty else { return noTools }
        let lines = usable.map { server in
            return "• \(title(of: server)) \(UserMessages.inlineCode(server.status.name)): \(count(server.tools.count))"
        }
        let hint = "`/omni-help server` lists a server's tools, with their arguments."
        let list = SectionView.list(lines, upTo: SectionView.longestText - hint.utf16.count - 1) {
            "… and \($0) more servers"
        }
        return "\(list)\n\(hint)"
    }

    /// The tools of one server, as `/omni-tool` takes them; of too many without descriptions, of still more without
    /// arguments.
    static func server(_ server: Server) -> String {
        let calls = server.tools.map { "• \(call(of: $0, arguments(of: $0)))" }
        let described = zip(calls, server.tools).map { "\($0) \(about($1))" }
        let title = title(of: server)
        for lines in [described, calls] {
            let text = ([title] + lines).joined(separator: "\n")
            if text.utf16.count <= SectionView.longestText { return text }
        }
        return SectionView.list([title] + server.tools.map { "• \(call(of: $0, []))" }) {
            "… and \($0) more. Ask me about one in your own words, or `/omni-tool` with a name: I say which is the nearest."
        }
    }

    private static func call(of tool: ToolDefinition, _ arguments: [String]) -> String {
        let call = ([tool.name.server, tool.name.tool] + arguments).joined(separator: " ")
        return "`\(Markdown.escape(call.replacing("`", with: "'")))`"
    }

    private static func count(_ tools: Int) -> String { tools == 1 ? "1 tool" : "\(tools) tools" }

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

    private static func title(of server: Server) -> String { title(of: server.status) }

    private static func title(of status: ServerStatus) -> String {
        "*\(Markdown.escape(status.displayName))*\(state(of: status))"
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
