/// The files that the asker attached, as they stand in the prompt: images as images, and each file in a tag with its
/// name, which says of an image where it is.
struct AttachedFiles: Sendable {
    /// In the order of their files; they precede ``text``.
    let images: [Base64Image]
    /// Ends with an empty line; empty without files.
    let text: String

    init(_ attachments: [Attachment]) {
        var images: [Base64Image] = []
        var parts: [String] = []
        for attachment in attachments {
            var lines: [String] = []
            switch attachment.content {
            case .text(let text): lines.append(text)
            case .image(let image):
                images.append(image)
                lines.append("(Image \(images.count) above.)")
            case nil: break
            }
            if let shortfall = attachment.shortfall { lines.append("[This file \(shortfall).]") }
            parts.append(UntrustedText.wrap(lines.joined(separator: "\n"), ofFile: AskerLabel.plain(attachment.name)))
        }
        self.images = images
        text =
            parts.isEmpty
            ? "" : (["Attached by the person who asks:"] + parts).joined(separator: "\n\n") + "\n\n"
    }
}
