import Bridge
import Logging

/// Reads the files that were attached to a question, for its model. What cannot be read becomes a shortfall of its
/// attachment, so that the question is answered without it.
struct AttachmentReader: Sendable {
    let api: SlackAPI
    let logger: Logger
    /// For all files of a question together.
    var timeout = Duration.seconds(30)

    /// One attachment for each file, in their order. One file is read after the other, so that a question holds no more
    /// than the limits allow.
    func attachments(of question: SlackQuestion, for model: String) async -> [Attachment] {
        let limits = AttachmentLimits(question.files, for: model)
        let end = ContinuousClock.now + timeout
        var attachments: [Attachment] = []
        for (index, file) in question.files.enumerated() {
            guard limits.bytes.indices.contains(index) else {
                attachments.append(.unread(file, UserMessages.tooManyFiles(AttachmentLimits.mostFiles)))
                continue
            }
            let left = end - ContinuousClock.now
            let result = await withDeadline(max(left, .zero)) { await attachment(file, upTo: limits.bytes[index]) }
            attachments.append(result.isLate ? .unread(file, UserMessages.fileUnreadable("unreachable")) : result.value)
        }
        return attachments
    }

    private func attachment(_ described: SlackFile, upTo limit: Int) async -> Attachment {
        do {
            let file = described.url == nil && described.hasContent ? try await api.file(described.id) : described
            guard file.hasContent else { return .unread(file, UserMessages.fileElsewhere(file.mode)) }
            guard !file.isFilm else { return .unread(file, UserMessages.fileOfOtherKind) }
            let download = try await api.download(file, upTo: limit)
            return FileContent.attachment(file.name, download)
        } catch {
            logger.warning(
                "A file of a question could not be read.",
                metadata: ["file": "\(described.id)", "error": "\(error)"])
            let code = (error as? SlackError)?.code ?? "unreachable"
            return .unread(described, UserMessages.fileUnreadable(code))
        }
    }
}

extension Attachment {
    fileprivate static func unread(_ file: SlackFile, _ shortfall: String) -> Attachment {
        Attachment(name: file.name, content: nil, shortfall: shortfall)
    }
}

extension SlackFile {
    /// Whether Slack has the content; an external file is a link to a service such as Google Drive.
    fileprivate var hasContent: Bool { !["external", "tombstone", "hidden_by_limit"].contains(mode) }

    /// Audio and video are large, and no model reads them here: they are not downloaded.
    fileprivate var isFilm: Bool { mimeType.hasPrefix("video/") || mimeType.hasPrefix("audio/") }
}
