import Bridge
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Answers `/omni-help` and `/omni-status` after they are acknowledged: to the asker only, kept nowhere.
struct SlashCommandHandler: Service {
    let api: SlackAPI
    let resolver: PrincipalResolver
    let live: LiveSettings
    let registry: ToolRegistry
    let health: Health
    let logger: Logger
    private let queue: AsyncStream<SlackCommand>
    private let feed: AsyncStream<SlackCommand>.Continuation
    /// Slack has been seen to deliver a command again when its acknowledgement was lost.
    private let seen = NIOLockedValueBox<[String]>([])

    init(
        api: SlackAPI, resolver: PrincipalResolver, live: LiveSettings, registry: ToolRegistry, health: Health,
        logger: Logger
    ) {
        self.api = api
        self.resolver = resolver
        self.live = live
        self.registry = registry
        self.health = health
        self.logger = logger
        // A person waits for each; older ones than these would be answered too late to matter.
        (queue, feed) = AsyncStream.makeStream(of: SlackCommand.self, bufferingPolicy: .bufferingNewest(256))
    }

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
            var message: JSONObject = ["response_type": "ephemeral", "text": .string(text)]
            message["blocks"] = .array(sections(text))
            try await api.respond(to: command.responseURL.revealed, message)
        } catch {
            logger.error(
                "A command was not answered.", metadata: ["command": "\(command.name.rawValue)", "error": "\(error)"])
        }
    }

    private func text(for command: SlackCommand) async -> String {
        switch await resolver.principal(slackUser: command.user, team: command.team) {
        case .refused(let reason): return reason
        case .known(let principal):
            switch command.name {
            case .status: return UserMessages.status(await health.report())
            case .help: return await help(principal, command)
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
        return UserMessages.help(principal, role: policy.rules.roles[principal.role], servers: servers)
    }

    /// Sections of at most 3,000 characters, cut between lines.
    private func sections(_ text: String) -> [JSONValue] {
        MarkdownParts.split(text, limit: 2_900).prefix(50).map {
            ["type": "section", "text": ["type": "mrkdwn", "text": .string($0), "verbatim": true]]
        }
    }
}
