import Analytics
import Bridge
import Logging

/// Reads the files that were attached to a question and to the earlier ones of its thread, for its model. What cannot
/// be read becomes a shortfall of its attachment, so that the question is answered without it.
struct AttachmentReader: Sendable {
    let api: SlackAPI
    let store: Store
    let logger: Logger
    /// For all files of a question together.
    var timeout = Duration.seconds(30)

    /// A file, and who attached it to an earlier question; nil for one of the question itself.
    struct Source: Sendable, Hashable {
        let file: SlackFile
        var earlierAsker: String?
    }

    /// An attachment for each file: those of the question, then the thread's, the newest first. One file is read after
    /// the other, so that a question holds no more than the limits allow. Without a language model none is read.
    func attachments(for claimed: ClaimedQuestion, under snapshot: SettingsSnapshot) async -> [AttachedFile] {
        guard snapshot.model.provider != .offline else {
            return claimed.incoming.files.map { Source(file: $0).unread(UserMessages.fileNeedsModel) }
        }
        let sources = await sources(for: claimed.question, with: claimed.incoming.files, under: snapshot)
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
        for question: Question, with own: [SlackFile], under snapshot: SettingsSnapshot
    ) async -> [Source] {
        var sources = own.map { Source(file: $0) }
        guard !question.beginsThread, let limits = snapshot.limits.history.limits(in: question.place),
            let thread = try? await store.conversation(before: question, limit: limits.turns)
        else { return sources }
        for turn in thread.turns.reversed() {
            for file in SlackFile.list(.array(turn.files)) where !sources.contains(where: { $0.file.id == file.id }) {
                sources.append(Source(file: file, earlierAsker: turn.asker))
            }
        }
        return sources
    }

    private func attachment(_ source: Source, upTo limit: Int) async -> AttachedFile {
        do {
            var file = source.file
            if file.url == nil, file.hasContent { file = try await api.file(file.id) }
            let named = Source(file: file, earlierAsker: source.earlierAsker)
            guard file.hasContent else { return named.unread(UserMessages.fileElsewhere(file.mode)) }
            guard !file.isRecording else { return named.unread(UserMessages.fileOfOtherKind) }
            let content = FileContent(try await api.download(file, upTo: limit), name: file.name)
            return AttachedFile(
                name: file.name, earlierAsker: source.earlierAsker, content: content.content,
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
        AttachedFile(name: file.name, earlierAsker: earlierAsker, content: nil, shortfall: shortfall)
    }
}

extension SlackFile {
    /// Whether Slack has the content; an external file is a link to a service such as Google Drive.
    fileprivate var hasContent: Bool { !["external", "tombstone", "hidden_by_limit"].contains(mode) }

    /// Audio and video are large and not read by the model: they are not downloaded.
    fileprivate var isRecording: Bool { mimeType.hasPrefix("video/") || mimeType.hasPrefix("audio/") }
}
