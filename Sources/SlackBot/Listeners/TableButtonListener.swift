import Analytics
import Bridge

/// "Download as CSV" under a table: the file is shared in the table's thread, or in the direct messages of the asker of
/// a private answer. The table is read from the outbox, so that the button works as long as the message is kept.
struct TableButtonListener: Listener {
    let buttons: AnswerButtons
    private var api: SlackAPI { buttons.api }

    let keys = [ListenerKey.action(TableButtonView.actionID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement { buttons.handle(envelope, share) }

    /// Shares the file. Returns what the user is to be told; nil when they see the file.
    private func share(_ press: AnswerButtons.Press) async throws -> String? {
        let (action, row) = (press.action, press.question)
        guard let pressed = TableButtonView.Pressed(value: action.value),
            let rows = TableButtonView.rows(
                of: pressed, in: try await buttons.store.posts(of: row.id).map { SlackMessage($0.body) })
        else { return UserMessages.noTable }
        let file = FilePost.table(rows, title: UserMessages.tableTitle(pressed.table)).named(after: row.id)
        let isDirect = row.isPrivate || action.channel != row.origin.channel
        do {
            if isDirect {
                try await upload(file, to: try await api.directChannel(of: action.user), thread: nil)
            } else {
                try await upload(file, to: action.channel, thread: action.thread ?? action.message)
            }
        } catch let error as SlackError {
            buttons.logger.info("A table's file was not shared.", metadata: ["error": "\(error)"])
            return UserMessages.tableNotUploaded(error.code)
        }
        return isDirect && action.channel == row.origin.channel ? UserMessages.tableSentDirectly : nil
    }

    /// Throws ``SlackError``.
    private func upload(_ file: FilePost, to channel: String, thread: String?) async throws {
        let content = file.bytes ?? []
        let address = try await api.uploadAddress(ofFile: file.name, length: content.count, altText: file.altText)
        try await api.upload(content, to: address)
        try await api.share(address, title: file.title, in: channel, thread: thread)
    }
}
