import Bridge
import Logging

/// `/omni-tool`: one tool call under the user's rights. It is a question that names its tool, stored before the
/// acknowledgement; a text that names no call is only answered with what is wrong with it.
struct ToolListener: Listener {
    let acceptor: QuestionAcceptor
    let commands: SlashCommandListener
    let registry: ToolRegistry
    let logger: Logger

    let keys = [ListenerKey.command(SlackCommand.Name.tool.rawValue)]

    /// Throws ``StoreError`` when the question could not be stored.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        guard let command = SlackCommand(envelope.payload) else {
            return .ignored("command without its fields", logger)
        }
        let text: ToolCommandText
        do {
            text = try ToolCommandText(command.text)
        } catch {
            commands.answer(.tool, command) { _ in SectionView.message(UserMessages.noCall(error)) }
            return .empty
        }
        // Typed here, so that a later attempt makes the same call although the schema has changed.
        let call = text.call(as: registry.catalogue[text.tool]?.inputSchema)
        try await acceptor.receive(command.question(calling: call), retryAttempt: envelope.retryAttempt)
        return .empty
    }
}
