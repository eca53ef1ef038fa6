import Analytics
import Bridge
import Logging

/// "Show to everyone" under a private answer: the outbox posts the answer in the thread, once however often the button
/// is pressed. Only the asker may press it, and not where other organisations read the channel.
struct ShowToEveryoneListener: Listener {
    let store: Store
    let api: SlackAPI
    let directory: SlackDirectory
    let workSignal: WorkSignal
    let deferred: DeferredWork
    let logger: Logger

    let keys = [ListenerKey.action(ShowToEveryoneView.actionID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        guard let press = BlockAction(envelope.payload), let question = ULID(press.value) else {
            return .ignored("action without its fields", logger)
        }
        deferred.add(press.triggerID) { await show(question, press) }
        return .empty
    }

    private func show(_ question: ULID, _ press: BlockAction) async {
        if await directory.channel(press.channel)?.isExternallyShared == true {
            return await respond(to: press, UserMessages.notShownOutside)
        }
        let result: PublicationResult?
        do {
            result = try await store.publish(question) { row, outbox in
                guard row.origin.userID == press.user else { return [] }
                return PublicAnswer.posts(of: row, outbox)
            }
        } catch {
            logger.warning(
                "A private answer could not be shown to everyone.",
                metadata: ["question": "\(question)", "error": "\(error)"])
            result = nil
        }
        if result == .planned { workSignal.send(for: question) }
        if let text = UserMessages.pressed(result) { await respond(to: press, text) }
    }

    /// Tells the asker why nothing was shown now. The button stays: Slack drops ephemeral messages by itself.
    private func respond(to press: BlockAction, _ text: String) async {
        do {
            try await api.respond(
                to: press.responseURL.revealed,
                SectionView.message(text).ephemeralResponse(thread: press.thread))
        } catch {
            logger.info("A press was not responded to.", metadata: ["error": "\(error)"])
        }
    }
}
