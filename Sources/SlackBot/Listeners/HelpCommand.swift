import Bridge

/// `/omni-help`: the tools and commands that the user may use here.
struct HelpCommand: AnsweredCommand {
    let resolver: PrincipalResolver
    let live: LiveSettings
    let registry: ToolRegistry

    let names = [SlackCommand.Name.help]

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        let policy = live.snapshot.policy
        let name = await resolver.directory.channel(command.channel)?.name
        let place = Place(
            entryPoint: .slack, channel: command.channel, channelName: name, isDirect: command.channel.hasPrefix("D"),
            formerNames: await resolver.directory.formerNames(of: command.channel, now: name))
        let catalogue = registry.catalogue
        let access = ToolAccess(of: principal, in: place, policy, catalogue)
        let servers = catalogue.servers.map { ($0, access.allowed(on: $0.name).map(\.name.tool)) }
        let (role, commands) = (policy.rules.roles[principal.role], commands(for: principal))
        if let template = live.current.slack.templates.help {
            let text = TemplateView.help(template, principal, role: role, servers: servers, commands: commands)
            return SectionView.message(text)
        }
        return SectionView.message(HelpView.text(principal, role: role, servers: servers, commands: commands))
    }

    /// The commands that the principal may use, the question first.
    private func commands(for principal: Principal) -> [SlackSettings.Command] {
        let (settings, snapshot) = live.inForce
        let available: [SlackCommand.Name] = [.ask, .help, .status, .admin]
        return available.compactMap { settings.slack.commands[$0.rawValue] }.filter {
            CommandRefusal($0.name, for: principal, settings.slack, snapshot.policy) == nil
        }
    }
}
