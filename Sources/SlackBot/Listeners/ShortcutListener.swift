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
            return .ignored("shortcut without its fields", logger)
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
