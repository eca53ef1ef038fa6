import Bridge
import Logging

/// The message shortcut: opens the modal after the acknowledgement, because its `trigger_id` lives three seconds.
struct ShortcutListener: Listener {
    let api: SlackAPI
    let live: LiveSettings
    let deferred: DeferredWork
    let logger: Logger

    let keys = [ListenerKey(kind: .messageShortcut, id: AskAboutView.callbackID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let payload = envelope.payload
        guard let message = ShortcutMessage(payload), let trigger = payload["trigger_id"]?.string else {
            logger.debug("Ignored.", metadata: ["reason": "shortcut without its fields"])
            return .empty
        }
        let view = AskAboutView.modal(message, botName: live.current.slack.botName)
        let responseURL = payload["response_url"]?.string.map(Secret.init)
        deferred.add(trigger) { await open(view, trigger, responseURL) }
        return .empty
    }

    private func open(_ view: JSONValue, _ trigger: String, _ responseURL: Secret?) async {
        do {
            try await api.openView(view, trigger: trigger)
        } catch {
            logger.warning("A modal was not opened.", metadata: ["error": "\(error)"])
            guard let responseURL else { return }
            let message = SectionView.message(UserMessages.modalNotOpened)
            try? await api.respond(to: responseURL.revealed, message.ephemeralResponse())
        }
    }
}

/// The submitted modal of the message shortcut: a question about the message, which is stored before the
/// acknowledgement; without one, an error at the field.
struct AskAboutListener: Listener {
    let acceptor: QuestionAcceptor
    let logger: Logger

    let keys = [ListenerKey(kind: .submission, id: AskAboutView.callbackID)]

    /// Throws ``StoreError`` when the question could not be stored.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let payload = envelope.payload
        guard let view = payload["view"], let id = view["id"]?.string, let user = payload["user"]?["id"]?.string,
            let team = (payload["team"]?["id"] ?? payload["user"]?["team_id"])?.string,
            let message = view["private_metadata"]?.string.flatMap(ShortcutMessage.init(metadata:))
        else {
            logger.debug("Ignored.", metadata: ["reason": "submission without its fields"])
            return .empty
        }
        let text = AskAboutView.question(in: view)
        guard !text.isEmpty else { return AskAboutView.refusal(UserMessages.questionMissing) }
        _ = try await acceptor.accept(message.question(text, by: user, team: team, view: id))
        return .empty
    }
}
