/// A file that was attached to a question or to an earlier one of its thread, as far as it was read. Its name and its content are untrusted.
package struct AttachedFile: Sendable, Hashable {
    /// The content of a file, in a form that a model takes.
    package enum Content: Sendable, Hashable {
        case text(String)
        case image(Base64Image)
    }

    package let name: String
    /// The e-mail of the person who attached it to an earlier question; nil for a file of the question itself.
    package let earlierAsker: String?
    /// nil when nothing of the file was read.
    package let content: Content?
    /// What was not read of the file and why, for the asker and the model: words that follow the file's name, without
    /// a full stop. nil when all of it was read.
    package let shortfall: String?

    package init(name: String, earlierAsker: String? = nil, content: Content?, shortfall: String? = nil) {
        self.name = name
        self.earlierAsker = earlierAsker
        self.content = content
        self.shortfall = shortfall
    }

    /// What the asker is told under the answer; nil when the whole file was read, and for a file of an earlier question,
    /// whose answer has told it.
    package var note: AttachmentNote? {
        earlierAsker == nil ? shortfall.map { AttachmentNote(name: name, text: $0) } : nil
    }
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
