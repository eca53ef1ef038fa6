import Analytics
import Bridge
import Logging

/// "Download as CSV" under a table: the file is shared in the table's thread, or in the direct messages of the asker of
/// a private answer. The table is read from the outbox, so that the button works as long as the message is kept.
struct TableButtonListener: Listener {
    let store: Store
    let api: SlackAPI
    let deferred: DeferredWork
    let logger: Logger

    let keys = [ListenerKey.action(TableButtonView.actionID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        guard let press = BlockAction(envelope.payload), let pressed = TableButtonView.Pressed(value: press.value)
        else { return .ignored("action without its fields", logger) }
        deferred.add(press.triggerID) {
            if let text = await share(pressed, press) { await respond(to: press, text) }
        }
        return .empty
    }

    /// Shares the file. Returns what the user is to be told; nil when they see the file.
    private func share(_ pressed: TableButtonView.Pressed, _ press: BlockAction) async -> String? {
        do {
            guard let row = try await store.question(pressed.question), mayRead(press, row),
                let rows = TableButtonView.rows(
                    of: pressed, in: try await store.posts(of: row.id).map { SlackMessage($0.body) })
            else { return UserMessages.noTable }
            let file = FilePost.table(rows, title: UserMessages.tableTitle(pressed.table))
            let isDirect = row.isPrivate || press.channel != row.origin.channel
            if isDirect {
                try await upload(file, to: try await api.directChannel(of: press.user), thread: nil)
            } else {
                try await upload(file, to: press.channel, thread: press.thread ?? press.message)
            }
            return isDirect && press.channel == row.origin.channel ? UserMessages.tableSentDirectly : nil
        } catch let error as SlackError {
            logger.info("A table's file was not shared.", metadata: ["error": "\(error)"])
            return UserMessages.tableNotUploaded(error.code)
        } catch {
            logger.warning("A table could not be read.", metadata: ["error": "\(error)"])
            return UserMessages.tableUnavailable
        }
    }

    /// Whether the user sees the answer: it is theirs, or everyone's in the channel in which they pressed.
    private func mayRead(_ press: BlockAction, _ row: QuestionRow) -> Bool {
        press.user == row.origin.userID || (!row.isPrivate && press.channel == row.origin.channel)
    }

    /// Throws ``SlackError``.
    private func upload(_ file: FilePost, to channel: String, thread: String?) async throws {
        let content = file.bytes ?? []
        let address = try await api.uploadAddress(ofFile: file.title, length: content.count, altText: file.altText)
        try await api.upload(content, to: address)
        try await api.share(address, title: file.title, in: channel, thread: thread)
    }

    private func respond(to press: BlockAction, _ text: String) async {
        do {
            try await api.respond(
                to: press.responseURL.revealed, SectionView.message(text).ephemeralResponse(thread: press.thread))
        } catch {
            logger.info("A press was not responded to.", metadata: ["error": "\(error)"])
        }
    }
}
