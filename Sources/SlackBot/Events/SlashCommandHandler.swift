import Bridge
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Answers the slash commands that are no questions with ephemeral messages after the acknowledgement. Commands are
/// held in memory only.
struct SlashCommandHandler: Service {
    let api: SlackAPI
    let resolver: PrincipalResolver
    let live: LiveSettings
    let registry: ToolRegistry
    let health: Health
    let administration: SlackAdministration
    let logger: Logger
    private let queue: AsyncStream<SlackCommand>
    private let feed: AsyncStream<SlackCommand>.Continuation
    /// Trigger ids of the last 256 commands: Slack delivers a command again when its acknowledgement was lost.
    private let seen = NIOLockedValueBox<[String]>([])

    init(
        api: SlackAPI, resolver: PrincipalResolver, live: LiveSettings, registry: ToolRegistry, health: Health,
        administration: SlackAdministration, logger: Logger
    ) {
        self.administration = administration
        self.api = api
        self.resolver = resolver
        self.live = live
        self.registry = registry
        self.health = health
        self.logger = logger
        // When the buffer is full the oldest commands are dropped.
        (queue, feed) = AsyncStream.makeStream(of: SlackCommand.self, bufferingPolicy: .bufferingNewest(256))
    }

    /// Queues a command unless it was queued before. Never waits.
    func take(_ command: SlackCommand) {
        let isNew = seen.withLockedValue { seen in
            guard !seen.contains(command.triggerID) else { return false }
            seen.append(command.triggerID)
            if seen.count > 256 { seen.removeFirst() }
            return true
        }
        if isNew { feed.yield(command) }
    }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            for await command in queue.cancelOnGracefulShutdown() {
                group.addTask { await answer(command) }
            }
        }
    }

    private func answer(_ command: SlackCommand) async {
        do {
            let text = await text(for: command)
            guard let url = command.responseURL else {
                // A direct message that stands for a command.
                _ = try await api.post(
                    SlackMessage(text: text, blocks: sections(text)), in: command.channel, thread: nil)
                return
            }
            var message: JSONObject = ["response_type": "ephemeral", "text": .string(text)]
            message["blocks"] = .array(sections(text))
            try await api.respond(to: url.revealed, message)
        } catch {
            logger.error(
                "A command was not answered.", metadata: ["command": "\(command.name.rawValue)", "error": "\(error)"])
        }
    }

    private func text(for command: SlackCommand) async -> String {
        switch await resolver.principal(slackUser: command.user, team: command.team) {
        case .refused(let reason): return reason
        case .known(let principal):
            let (settings, snapshot) = live.inForce
            let refusal = CommandRefusal(command.name.rawValue, for: principal, settings.slack, snapshot.policy)
            if let refusal { return refusal.reason }
            switch command.name {
            case .status: return UserMessages.status(await health.report(), name: settings.slack.botName)
            case .help: return await help(principal, command)
            case .admin: return await administration.answer(command.text, to: principal)
            case .tool, .history: return UserMessages.commandNotYet(command.name.rawValue)
            }
        }
    }

    private func help(_ principal: Principal, _ command: SlackCommand) async -> String {
        let policy = live.snapshot.policy
        let name = await resolver.directory.channel(command.channel)?.name
        let place = Place(
            entryPoint: .slack, channel: command.channel, channelName: name, isDirect: command.channel.hasPrefix("D"),
            formerNames: await resolver.directory.formerNames(of: command.channel, now: name))
        let catalogue = registry.catalogue
        let servers = catalogue.servers.map { status in
            let tools = catalogue.tools.filter {
                $0.name.server == status.name && policy.verdict(for: principal, in: place, on: $0).isAllowed
            }
            return (status, tools.map(\.name.tool))
        }
        return UserMessages.help(
            principal, role: policy.rules.roles[principal.role], servers: servers, commands: commands(for: principal))
    }

    /// The commands that the principal may use, the question first.
    private func commands(for principal: Principal) -> [SlackSettings.Command] {
        let (settings, snapshot) = live.inForce
        let answered: [SlackCommand.Name] = [.help, .status, .admin]
        return (["/omni"] + answered.map(\.rawValue)).compactMap { settings.slack.commands[$0] }.filter {
            CommandRefusal($0.name, for: principal, settings.slack, snapshot.policy) == nil
        }
    }

    /// Section blocks of at most 2,900 characters each (Slack's limit is 3,000), 50 at most (Slack's limit of blocks),
    /// split between lines where possible.
    private func sections(_ text: String) -> [JSONValue] {
        MarkdownParts.split(text, limit: 2_900).prefix(50).map {
            ["type": "section", "text": ["type": "mrkdwn", "text": .string($0), "verbatim": true]]
        }
    }
}
