import Logging

/// `/omni`: a question, which is stored before the acknowledgement; without one, the help.
struct AskListener: Listener {
    let acceptor: QuestionAcceptor
    let commands: SlashCommandListener
    let logger: Logger

    let keys = [ListenerKey.command(SlackCommand.Name.ask.rawValue)]

    /// Throws ``StoreError`` when the question could not be stored.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        guard let command = SlackCommand(envelope.payload) else {
            return .ignored("command without its fields", logger)
        }
        if let question = command.question {
            try await acceptor.receive(question, retryAttempt: envelope.retryAttempt)
        } else {
            commands.answer(.help, command)
        }
        return .empty
    }
}
