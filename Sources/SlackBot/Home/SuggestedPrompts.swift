import Bridge
import Logging

/// The prompts above the message box of a user's direct messages with the app.
struct SuggestedPrompts: Sendable {
    /// Slack's limit.
    private static let most = 4

    let resolver: PrincipalResolver
    let live: LiveSettings
    let registry: ToolRegistry
    let agentMessaging: AgentMessaging
    let deferred: DeferredWork

    /// Shows the prompts after the acknowledgement: where a direct message is no question, the help only. Who may not use
    /// Omni gets none.
    ///
    /// - Parameters:
    ///   - event: the id of the event; a second delivery has the same.
    ///   - thread: see ``SlackAPI/setSuggestedPrompts(_:in:thread:)``.
    func show(to visitor: HomeVisitor, thread: String? = nil, event: String) {
        deferred.add("prompts:\(event)") {
            guard case .known(let principal) = await resolver.principal(slackUser: visitor.user, team: visitor.team)
            else { return }
            let (settings, snapshot) = live.inForce
            let catalogue = registry.catalogue
            let mentions = settings.slack.mentions
            // A press sends the prompt as a direct message.
            let isAnswered = mentions.respondsToDirectMessages && mentions.directCommand == .ask
            let tools =
                isAnswered ? ToolAccess(of: principal, in: visitor.place, snapshot.policy, catalogue).allowed : []
            let prompts = Self.prompts(
                examples: settings.slack.commands[SlackCommand.Name.ask.rawValue]?.examples ?? [], tools: tools,
                servers: catalogue.servers)
            await agentMessaging.suggest(prompts, in: visitor.channel, thread: thread)
        }
    }

    /// One to four prompts: the configured examples of `/omni`, or calls of tools that read and need no argument, one
    /// of each server in turn; and the help. Who has no tools gets the help only.
    static func prompts(
        examples: [String], tools: [ToolDefinition], servers: [ServerStatus]
    ) -> [SuggestedPrompt] {
        let tools = tools.filter { $0.name.server != Policy.askBackServer }
        let texts = tools.isEmpty ? [] : examples.isEmpty ? calls(of: tools, servers) : examples
        let help = SuggestedPrompt(title: UserMessages.helpPrompt, message: "!help")
        return texts.prefix(most - 1).map { SuggestedPrompt(title: $0, message: $0) } + [help]
    }

    private static func calls(of tools: [ToolDefinition], _ servers: [ServerStatus]) -> [String] {
        let simple = tools.filter {
            $0.annotations.readOnly == true && $0.inputSchema["required"]?.array?.isEmpty ?? true
        }
        let queues = servers.map { server in
            simple.filter { $0.name.server == server.name }.prefix(most).map {
                UserMessages.toolPrompt($0.name, server: server.displayName)
            }
        }
        return (0..<most).flatMap { turn in queues.compactMap { $0.dropFirst(turn).first } }
    }
}
