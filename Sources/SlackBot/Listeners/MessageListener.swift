import Bridge
import Logging

/// Messages and mentions: stores a question before the acknowledgement, hands a message that stands for a command on,
/// and ignores the rest. Calls Slack only for the first `auth.test`, for the thread of a redelivered question that the
/// store does not know, and for the name of a channel on which an automatic answer depends.
struct MessageListener: Listener {
    let installation: Installation
    let acceptor: QuestionAcceptor
    let commands: SlashCommandListener
    let threadCommands: ThreadCommands
    let followUpFilter: FollowUpFilter
    let changedQuestions: ChangedQuestions
    let queueNotice: QueueNotice
    let directory: SlackDirectory
    let live: LiveSettings
    let logger: Logger

    let keys = [ListenerKey.event("message"), .event("app_mention")]

    /// Limit of looking up a channel's name, because the acknowledgement waits for it.
    private static let nameTimeout = Duration.milliseconds(500)

    /// Throws ``StoreError`` when a question could not be stored, and ``SlackError`` when `auth.test` failed or when the
    /// thread of a question that Slack delivers for the second time could not be read.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let bot = try await installation.identity()
        switch DecodedMessage(envelope.payload, bot: bot, mentions: live.current.slack.mentions) {
        case .ignored(let reason): return .ignored(reason, logger)
        case .remark(let remark):
            guard let question = await answered(remark) else { break }
            try await acceptor.receive(question, retryAttempt: envelope.retryAttempt)
        case .command(let command): commands.answer(command.name, command)
        case .threadCommand(let command, let message):
            if message.kind == .followUp, await !followUpFilter.takesPart(inThreadOf: message) { break }
            threadCommands.answer(command, message)
        case .changed(let change): changedQuestions.handle(change)
        case .question(let question):
            try await acceptor.receive(question, retryAttempt: envelope.retryAttempt)
            queueNotice.tell(question)
        case .unaddressed(let message):
            guard await followUpFilter.isForOmni(message) else { break }
            _ = try await acceptor.accept(message.question)
            queueNotice.tell(message.question)
        }
        return .empty
    }

    /// The message as a question, if ``AutoResponses`` answers it; nil also when the channel's name is needed and not
    /// known in time.
    private func answered(_ remark: SlackQuestion) async -> SlackQuestion? {
        let entries = live.current.slack.autoResponses.matching(remark.text)
        guard !entries.isEmpty else { return nil }
        var name: String?
        if entries.contains(where: \.namesChannels) {
            name = await withDeadline(Self.nameTimeout) { await directory.channel(remark.channel)?.name }.value
        }
        guard let entry = entries.first(where: { $0.isFor(channel: remark.channel, name: name) }) else { return nil }
        var question = remark
        question.kind = .automatic
        question.fixedAnswer = entry.response
        return question
    }
}
