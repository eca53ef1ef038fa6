/// A file that the asker attached to a question, as far as it was read. Its name and its content are untrusted.
package struct Attachment: Sendable, Hashable {
    /// The content of a file, in a form that a model takes.
    package enum Content: Sendable, Hashable {
        case text(String)
        case image(Base64Image)
    }

    package let name: String
    /// nil when nothing of the file was read.
    package let content: Content?
    /// What was not read of the file and why, for the asker and the model: words that follow the file's name, without
    /// a full stop. nil when all of it was read.
    package let shortfall: String?

    package init(name: String, content: Content?, shortfall: String? = nil) {
        self.name = name
        self.content = content
        self.shortfall = shortfall
    }

    /// What the asker is told under the answer; nil when the whole file was read.
    package var note: AttachmentNote? { shortfall.map { AttachmentNote(name: name, text: $0) } }
}

/// What was not read of an attached file.
package struct AttachmentNote: Sendable, Hashable {
    /// The file's name.
    package let name: String
    /// The words of ``Attachment/shortfall``.
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
