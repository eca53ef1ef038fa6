import Bridge
import Logging

/// The slash commands that are no questions: looks a command's ``AnsweredCommand`` up, and has it answered after the
/// acknowledgement.
struct SlashCommandListener: Listener {
    private let commands: [SlackCommand.Name: any AnsweredCommand]
    private let api: SlackAPI
    private let resolver: PrincipalResolver
    private let live: LiveSettings
    private let deferred: DeferredWork
    private let logger: Logger

    init(
        _ commands: [any AnsweredCommand], api: SlackAPI, resolver: PrincipalResolver, live: LiveSettings,
        deferred: DeferredWork, logger: Logger
    ) {
        var table: [SlackCommand.Name: any AnsweredCommand] = [:]
        for command in commands {
            for name in command.names { table[name] = command }
        }
        self.commands = table
        self.api = api
        self.resolver = resolver
        self.live = live
        self.deferred = deferred
        self.logger = logger
    }

    var keys: [ListenerKey] { commands.keys.map { .command($0.rawValue) } }

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        guard let command = SlackCommand(envelope.payload) else {
            return .ignored("command without its fields", logger)
        }
        answer(command.name, command)
        return .empty
    }

    /// Has a command answered as if it were the one of that name, once however often it is delivered. Never waits.
    func answer(_ name: SlackCommand.Name, _ command: SlackCommand) {
        guard let answered = commands[name] else {
            return logger.error("No such command.", metadata: ["command": "\(name.rawValue)"])
        }
        answer(name, command) { await answered.answer(command, by: $0) }
    }

    /// As ``answer(_:_:)``, with an answer to a user who may use the command; nil: none.
    ///
    /// - Parameter name: nil: every user that Omni knows may use it.
    func answer(
        _ name: SlackCommand.Name?, _ command: SlackCommand,
        with answer: @escaping @Sendable (Principal) async -> SlackMessage?
    ) {
        deferred.add(command.triggerID) {
            do {
                guard let message = await message(name, command, answer) else { return }
                try await send(message, in: command)
            } catch {
                logger.error(
                    "A command was not answered.",
                    metadata: ["command": "\(command.name.rawValue)", "error": "\(error)"])
            }
        }
    }

    private func message(
        _ name: SlackCommand.Name?, _ command: SlackCommand, _ answer: (Principal) async -> SlackMessage?
    ) async -> SlackMessage? {
        switch await resolver.principal(slackUser: command.user, team: command.team) {
        case .refused(let reason): return SectionView.message(reason)
        case .known(let principal):
            let (settings, snapshot) = live.inForce
            if let name, let refusal = CommandRefusal(name.rawValue, for: principal, settings.slack, snapshot.policy) {
                return SectionView.message(refusal.reason)
            }
            return await answer(principal)
        }
    }

    private func send(_ message: SlackMessage, in command: SlackCommand) async throws {
        guard let url = command.responseURL else {
            return try await api.postPrivately(
                message, in: command.channel, to: command.user, thread: command.thread)
        }
        try await api.respond(to: url.revealed, message.ephemeralResponse())
    }
}
