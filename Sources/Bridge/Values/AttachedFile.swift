/// A file that was attached to a question, to an earlier message of its thread or to a message that it quotes, as far as
/// it was read. Its name and its content are untrusted.
package struct AttachedFile: Sendable, Hashable {
    /// The content of a file, in a form that a model takes.
    package enum Content: Sendable, Hashable {
        case text(String)
        case image(Base64Image)
    }

    package let name: String
    /// The e-mail or id of the author of another message that has it; nil for a file of the question itself.
    package let author: String?
    /// Whether an earlier answer of the thread has told what was not read of it.
    package let isTold: Bool
    /// nil when nothing of the file was read.
    package let content: Content?
    /// What was not read of the file and why, for the asker and the model: words that follow the file's name, without
    /// a full stop. nil when all of it was read.
    package let shortfall: String?

    package init(
        name: String, author: String? = nil, isTold: Bool = false, content: Content?, shortfall: String? = nil
    ) {
        self.name = name
        self.author = author
        self.isTold = isTold
        self.content = content
        self.shortfall = shortfall
    }

    /// What the asker is told under the answer; nil when the whole file was read, or an earlier answer has told it.
    package var note: AttachmentNote? { isTold ? nil : shortfall.map { AttachmentNote(name: name, text: $0) } }
}

/// What was not read of an attached file.
package struct AttachmentNote: Sendable, Hashable {
    /// The file's name.
    package let name: String
    /// The words of ``AttachedFile/shortfall``.
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
