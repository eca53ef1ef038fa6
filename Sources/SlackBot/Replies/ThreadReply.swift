import Bridge
import Logging
import NIOConcurrencyHelpers

/// One answer in its thread: a progress message that is edited at a humane pace and becomes the final one.
struct ThreadReply: Sendable {
    /// Where the words go.
    enum Place: Sendable {
        case thread(channel: String, root: String)
        /// The bot cannot post there: only the asker sees it, through the command's response_url.
        case privately(Secret)
    }

    /// Slack advises at most one edit in three seconds.
    private static let pace = Duration.seconds(3)

    let place: Place
    private let api: SlackAPI
    private let progress: MessageAddress?
    private let text = NIOLockedValueBox(ProgressText())
    private let changes: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let logger: Logger

    /// Says at once that the question was heard. Throws ``SlackError`` when it cannot be said anywhere.
    static func open(_ place: Place, question: ULID, api: SlackAPI, logger: Logger) async throws -> ThreadReply {
        let first = ProgressText().message
        switch place {
        case .thread(let channel, let root):
            let address = try await api.post(
                first, in: channel, thread: root, metadata: metadata(question, part: 0))
            return ThreadReply(place: place, api: api, progress: address, logger: logger)
        case .privately(let url):
            try await api.respond(to: url.revealed, ephemeral(AnswerMessages.section(Speech.cannotPost)))
            return ThreadReply(place: place, api: api, progress: nil, logger: logger)
        }
    }

    private init(place: Place, api: SlackAPI, progress: MessageAddress?, logger: Logger) {
        self.place = place
        self.api = api
        self.progress = progress
        self.logger = logger
        (changes, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes note; the next edit shows it.
    func hear(_ event: AnswerEvent) {
        text.withLockedValue { $0.hear(event) }
        bell.yield()
    }

    /// Edits the progress message while things change, until it is cancelled. An edit that fails costs nothing: the
    /// next one or the final message says more.
    func show() async {
        guard let progress else { return }
        var shown = ProgressText().message
        for await _ in changes {
            try? await Task.sleep(for: Self.pace)
            let message = text.withLockedValue { $0.message }
            guard !Task.isCancelled else { return }
            guard message != shown else { continue }
            do {
                try await api.update(progress, to: message)
                shown = message
            } catch {
                logger.debug("A progress message was not edited.", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Says how it ended, whole. Gives the address of the first message. Throws ``SlackError`` when not even plain
    /// text could be said.
    @discardableResult
    func finish(_ ending: Ending, question: ULID, style: AnswerMessages.Style) async throws -> MessageAddress? {
        do {
            return try await say(AnswerMessages.render(ending, style: style), question: question)
        } catch let error as SlackError where Self.blockErrors.contains(error.code) {
            logger.warning(
                "Slack refused the blocks of an answer; it is said in plain text.",
                metadata: ["question": "\(question)", "error": "\(error)"])
            return try await say(AnswerMessages.plain(ending, style: style), question: question)
        }
    }

    private static let blockErrors: Set<String> = [
        "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "msg_blocks_too_long", "msg_too_long",
        "markdown_text_conflict",
    ]

    private func say(_ messages: [SlackMessage], question: ULID) async throws -> MessageAddress? {
        guard let first = messages.first else { return nil }
        switch place {
        case .privately(let url):
            // Slack allows five posts to a response_url; the notice was the first.
            for message in messages.prefix(messages.count > 4 ? 3 : 4) {
                try await api.respond(to: url.revealed, Self.ephemeral(message))
            }
            if messages.count > 4 {
                try await api.respond(to: url.revealed, Self.ephemeral(AnswerMessages.section(Speech.tooLongHere)))
            }
            return nil
        case .thread(let channel, let root):
            let address = try await replaceProgress(with: first, in: channel, root: root, question: question)
            for (index, message) in messages.enumerated().dropFirst() {
                _ = try await api.post(
                    message, in: channel, thread: root, metadata: Self.metadata(question, part: index))
            }
            return address
        }
    }

    /// A progress message that somebody deleted, or that may no longer be edited, is replaced by a new one.
    private func replaceProgress(
        with message: SlackMessage, in channel: String, root: String, question: ULID
    ) async throws -> MessageAddress {
        if let progress {
            do {
                try await api.update(progress, to: message)
                return progress
            } catch let error as SlackError
                where ["message_not_found", "cant_update_message", "edit_window_closed"].contains(error.code)
            {
                logger.info("A progress message is gone; the answer is posted anew.")
            }
        }
        return try await api.post(message, in: channel, thread: root, metadata: Self.metadata(question, part: 0))
    }

    /// By this key a later process finds in the history whether a post exists.
    private static func metadata(_ question: ULID, part: Int) -> JSONValue {
        [
            "event_type": "omni_answer",
            "event_payload": ["question": .string(question.text), "part": .int(Int64(part))],
        ]
    }

    private static func ephemeral(_ message: SlackMessage) -> JSONObject {
        [
            "response_type": "ephemeral", "replace_original": false, "text": .string(message.text),
            "blocks": .array(message.blocks),
        ]
    }
}
