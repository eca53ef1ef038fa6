import Bridge
import Logging

/// `/omni-tool`: one tool call under the user's rights. It is a question that names its tool, stored before the
/// acknowledgement; a text that names no call, or a tool that certainly does not exist, is only answered with what is
/// wrong with it.
struct ToolListener: Listener {
    let acceptor: QuestionAcceptor
    let commands: SlashCommandListener
    let registry: ToolRegistry
    let directory: SlackDirectory
    let live: LiveSettings
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
        let catalogue = registry.catalogue
        guard !catalogue.lacks(text.tool) else {
            commands.answer(.tool, command) { await correction(of: text.tool, catalogue, in: command, for: $0) }
            return .empty
        }
        // Typed here, so that a later attempt makes the same call although the schema has changed.
        let call = text.call(as: catalogue[text.tool]?.inputSchema)
        try await acceptor.receive(command.question(calling: call), retryAttempt: envelope.retryAttempt)
        return .empty
    }

    /// Says which of both names is unknown, and the nearest tool that the user may use there.
    private func correction(
        of tool: ToolName, _ catalogue: Catalogue, in command: SlackCommand, for principal: Principal
    ) async -> SlackMessage {
        let place = await directory.place(in: command.channel, isDirect: command.isDirect)
        let usable = ToolAccess(of: principal, in: place, live.snapshot.policy, catalogue).allowed
        let nearest = SpellingSuggestion.of("\(tool)", among: usable.map { "\($0.name)" })
        let isServer = catalogue.servers.contains { $0.name == tool.server }
        return SectionView.message(UserMessages.noSuchTool(tool, isServer: isServer, nearest: nearest))
    }
}
