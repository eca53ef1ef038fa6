import Analytics
import Bridge
import Foundation
import Logging

/// Reads the files of a question, of the messages that it quotes and of its thread, for its model. What cannot be read
/// becomes a shortfall of its attachment, so that the question is answered without it.
struct AttachmentReader: Sendable {
    let api: SlackAPI
    let store: Store
    let logger: Logger
    /// For all files of a question together.
    var timeout = Duration.seconds(30)

    /// A file with its author, if another message has it (``AttachedFile/author``).
    struct Source: Sendable, Hashable {
        let file: SlackFile
        /// As ``AttachedFile/isTold``.
        var isTold = false
    }

    /// An attachment for each file: those of the question, then the thread's, the newest first. One file is read after
    /// the other, so that a question holds no more than the limits allow. Without a language model none is read.
    ///
    /// - Parameter posted: the files of the thread's messages that are not questions.
    func attachments(
        for claimed: ClaimedQuestion, _ posted: [ThreadReader.PostedFile], under snapshot: SettingsSnapshot
    ) async -> [AttachedFile] {
        guard snapshot.model.provider != .offline else {
            return claimed.incoming.files.map { Source(file: $0).unread(UserMessages.fileNeedsModel) }
        }
        let sources = await sources(for: claimed, posted, under: snapshot)
        let limits = AttachmentLimits(sources.map(\.file), for: snapshot.model.model)
        let end = ContinuousClock.now + timeout
        var attachments: [AttachedFile] = []
        for (index, source) in sources.enumerated() {
            guard limits.bytes.indices.contains(index) else {
                attachments.append(source.unread(UserMessages.tooManyFiles(AttachmentLimits.mostFiles)))
                continue
            }
            let left = end - ContinuousClock.now
            let result = await withDeadline(max(left, .zero)) { await attachment(source, upTo: limits.bytes[index]) }
            attachments.append(result.isLate ? source.unread(UserMessages.fileUnreadable("unreachable")) : result.value)
        }
        return attachments
    }

    private func sources(
        for claimed: ClaimedQuestion, _ posted: [ThreadReader.PostedFile], under snapshot: SettingsSnapshot
    ) async -> [Source] {
        let question = claimed.question
        var turns: [ConversationTurn] = []
        if !question.beginsThread, let limits = snapshot.limits.history.limits(in: question.place) {
            turns = (try? await store.conversation(before: question, limit: limits.turns))?.turns ?? []
        }
        // The store has whole milliseconds.
        let lastAsked = turns.last?.askedAt.addingTimeInterval(0.001) ?? .distantPast
        var earlier = turns.flatMap { turn in
            SlackFile.list(.array(turn.files)).map { file in
                (Source(file: file.posted(by: file.author ?? turn.asker), isTold: true), turn.askedAt)
            }
        }
        // The answer to a question that was asked after a message has told of the message's files.
        earlier += posted.map { (Source(file: $0.file, isTold: $0.sentAt <= lastAsked), $0.sentAt) }
        earlier.sort { $0.1 > $1.1 }
        var seen: Set<String> = []
        let sources = claimed.incoming.files.map { Source(file: $0) } + earlier.map(\.0)
        return sources.filter { seen.insert($0.file.id).inserted }
    }

    private func attachment(_ source: Source, upTo limit: Int) async -> AttachedFile {
        do {
            var file = source.file
            if file.url == nil, file.hasContent { file = try await api.file(file.id) }
            let named = Source(file: file.posted(by: source.file.author), isTold: source.isTold)
            guard file.hasContent else { return named.unread(UserMessages.fileElsewhere(file.mode)) }
            guard !file.isRecording else { return named.unread(UserMessages.fileOfOtherKind) }
            let content = FileContent(try await api.download(file, upTo: limit), name: file.name)
            return AttachedFile(
                name: file.name, author: source.file.author, isTold: source.isTold, content: content.content,
                shortfall: content.shortfall)
        } catch {
            logger.warning(
                "A file of a question could not be read.",
                metadata: ["file": "\(source.file.id)", "error": "\(error)"])
            let code = (error as? SlackError)?.code ?? "unreachable"
            return source.unread(UserMessages.fileUnreadable(code))
        }
    }
}

extension AttachmentReader.Source {
    fileprivate func unread(_ shortfall: String) -> AttachedFile {
        AttachedFile(name: file.name, author: file.author, isTold: isTold, content: nil, shortfall: shortfall)
    }
}

extension SlackFile {
    /// Whether Slack has the content; an external file is a link to a service such as Google Drive.
    fileprivate var hasContent: Bool { !["external", "tombstone", "hidden_by_limit"].contains(mode) }

    /// Audio and video are large and not read by the model: they are not downloaded.
    fileprivate var isRecording: Bool { mimeType.hasPrefix("video/") || mimeType.hasPrefix("audio/") }
}
