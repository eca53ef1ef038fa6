/// The attached files as they stand in the prompt: images as images, and each file in a tag with its name, which says of
/// an image where it is.
struct AttachedFiles: Sendable {
    /// In the order of their files; they precede ``text``.
    let images: [Base64Image]
    /// Ends with an empty line; empty without files.
    let text: String

    init(_ attachments: [AttachedFile]) {
        var images: [Base64Image] = []
        var own: [String] = []
        var others: [String] = []
        for attachment in attachments {
            if case .image(let image) = attachment.content { images.append(image) }
            let part = Self.wrap(attachment, imageNumber: images.count)
            if attachment.author == nil { own.append(part) } else { others.append(part) }
        }
        self.images = images
        var parts: [String] = []
        if !others.isEmpty { parts += ["Attached to earlier messages of this thread, or to quoted ones:"] + others }
        if !own.isEmpty { parts += ["Attached by the person who asks:"] + own }
        text = parts.isEmpty ? "" : parts.joined(separator: "\n\n") + "\n\n"
    }

    private static func wrap(_ attachment: AttachedFile, imageNumber: Int) -> String {
        var lines: [String] = []
        switch attachment.content {
        case .text(let text): lines.append(text)
        case .image: lines.append("(Image \(imageNumber) above.)")
        case nil: break
        }
        if let shortfall = attachment.shortfall { lines.append("[This file \(shortfall).]") }
        var attributes = "name=\"\(AskerLabel.plain(attachment.name))\""
        if let author = attachment.author { attributes += " from=\"\(AskerLabel.plain(author))\"" }
        return UntrustedText.wrap(lines.joined(separator: "\n"), ofFileWith: attributes)
    }
}
