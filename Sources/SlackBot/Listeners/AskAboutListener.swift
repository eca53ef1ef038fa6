import Bridge
import Logging

/// The submitted modal of the message shortcut: a question about the message, which is stored before the
/// acknowledgement; without one, an error at the field.
struct AskAboutListener: Listener {
    let acceptor: QuestionAcceptor
    let logger: Logger

    let keys = [ListenerKey(kind: .submission, id: AskAboutView.callbackID)]

    /// Throws ``StoreError`` when the question could not be stored.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let payload = envelope.payload
        guard let view = payload["view"], let id = view["id"]?.string, let user = ActingUser(payload),
            let message = view["private_metadata"]?.string.flatMap(ShortcutMessage.init(metadata:))
        else { return .ignored("submission without its fields", logger) }
        let text = AskAboutView.question(in: view)
        guard !text.isEmpty else { return AskAboutView.refusal(UserMessages.questionMissing) }
        _ = try await acceptor.accept(message.question(text, by: user.id, team: user.team, view: id))
        return .empty
    }
}
