import Bridge

/// `/omni-help [topic]`: the tools and commands that the user may use here.
struct HelpCommand: AnsweredCommand {
    let resolver: PrincipalResolver
    let live: LiveSettings
    let registry: ToolRegistry

    let names = [SlackCommand.Name.help]

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        let snapshot = live.snapshot
        let catalogue = registry.catalogue
        let place = await resolver.directory.place(in: command.channel, isDirect: command.isDirect)
        let access = ToolAccess(of: principal, in: place, snapshot.policy, catalogue)
        let servers = catalogue.servers.filter { $0.name != Policy.askBackServer }
            .map { HelpView.Server(status: $0, tools: access.allowed(on: $0.name)) }
        let topic = HelpTopic(command.text, servers: servers)
        switch topic {
        case .tools: return SectionView.message(HelpView.tools(servers))
        case .servers: return SectionView.message(HelpView.servers(servers))
        case .server(let server): return SectionView.message(HelpView.server(server))
        case .commands: return SectionView.message(HelpView.commands(commands(for: principal)))
        case .examples: return SectionView.message(HelpView.examples(commands(for: principal)))
        case .limits: return SectionView.message(HelpView.limits(principal, snapshot))
        case nil: break
        }
        let (role, commands) = (snapshot.policy.rules.roles[principal.role], commands(for: principal))
        let names = servers.map { ($0.status, $0.tools.map(\.name.tool)) }
        let overview =
            live.current.slack.templates.help.map {
                TemplateView.help($0, principal, role: role, servers: names, commands: commands)
            } ?? HelpView.text(principal, role: role, servers: names, commands: commands)
        // `/omni help` and a direct message that stands for the command name no topic.
        let isTopic = command.name == .help && command.hasOwnText && !command.text.isEmpty
        return SectionView.message(isTopic ? "\(HelpView.noTopic(command.text))\n\(overview)" : overview)
    }

    /// The commands that the principal may use, the question first.
    private func commands(for principal: Principal) -> [SlackSettings.Command] {
        let (settings, snapshot) = live.inForce
        let available: [SlackCommand.Name] = [.ask, .tool, .history, .help, .status, .admin]
        return available.compactMap { settings.slack.commands[$0.rawValue] }.filter {
            CommandRefusal($0.name, for: principal, settings.slack, snapshot.policy) == nil
        }
    }
}

/// What `/omni-help` is asked about.
enum HelpTopic: Sendable {
    case tools, servers, commands, examples, limits
    /// The tools of one server.
    case server(HelpView.Server)

    /// nil for a text that is no topic, and for a server of which the user may use no tool.
    ///
    /// - Parameter servers: with the tools that the user may use.
    init?(_ text: String, servers: [HelpView.Server]) {
        let topic = text.lowercased()
        switch topic {
        case "tools": self = .tools
        case "servers": self = .servers
        case "commands": self = .commands
        case "examples": self = .examples
        // The original has the second word.
        case "limits", "permissions": self = .limits
        default:
            let named = servers.first {
                !$0.tools.isEmpty && [$0.status.name, $0.status.displayName].map({ $0.lowercased() }).contains(topic)
            }
            guard let named else { return nil }
            self = .server(named)
        }
    }
}
