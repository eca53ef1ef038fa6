/// Limits the size of a tool's result for a model and for the user, and marks what was cut.
enum ResultTrim {
    /// In bytes of base64. The provider rejects a request with a larger image (Anthropic, "Vision": 5 MB of base64).
    static let imageBytes = 5_000_000
    /// The number of images of one result.
    static let mostImages = 20

    /// At most `limit` Unicode scalars of text in all blocks together, plus the notes of what was cut; cut at the end
    /// of a line if one is near. Blank text blocks are dropped. Structured content that the text does not tell
    /// shares the limit: it becomes a text block when there is no other content, or when only a part of it fits.
    static func trim(_ result: ToolResult, to limit: Int) -> ToolResult {
        var content = result.content.filter { if case .text(let text) = $0 { !text.isBlank } else { true } }
        var trimmed = result
        // An image that is too large for a model only is left to the user.
        let large = content.filter { if case .image(let data, _) = $0 { data.utf8.count > imageBytes } else { false } }
        trimmed.userContent = trimForUser(result.userContent + large, to: limit)
        if let structured = result.structured?.text() {
            if content.isEmpty { content = [.text(structured)] }
            if structured.scalarCount > limit { trimmed.structured = nil }
        }
        let untold = content == [.text(result.structured?.text() ?? "")] ? nil : result.untoldStructured?.text()
        var left = limit
        var images = 0
        trimmed.content = content.compactMap { part in
            if case .image = part {
                images += 1
                return images > mostImages ? nil : take(part, &left)
            }
            return left > 0 ? take(part, &left) : nil
        }
        // A text that was cut tells the data no more.
        if untold == nil, trimmed.content != content { trimmed.structured = nil }
        if let untold, untold.scalarCount > left {
            trimmed.structured = nil
            content.append(.text(untold))
            if left > 0 { trimmed.content.append(.text(take(untold, &left))) }
        }
        let leftOut = content.count - trimmed.content.count
        if leftOut > 0 { trimmed.content.append(.text(note("parts of the result left out: \(leftOut)"))) }
        return trimmed
    }

    /// Content for the user only: at most `limit` Unicode scalars of text, and the images that an answer may have. Any
    /// other image loses its data, so that ``AnswerFiles`` still counts it.
    private static func trimForUser(_ content: [ToolContent], to limit: Int) -> [ToolContent] {
        var left = limit
        var images = 0
        return content.compactMap { part -> ToolContent? in
            guard case .image(let data, let mimeType) = part else { return left > 0 ? take(part, &left) : nil }
            images += 1
            if images <= AnswerFiles.most, data.utf8.count <= AnswerFiles.largestBase64 { return part }
            return .unknown(["type": "image", "mimeType": .string(mimeType)])
        }
    }

    private static func take(_ part: ToolContent, _ left: inout Int) -> ToolContent {
        switch part {
        case .text(let text): return .text(take(text, &left))
        case .resource(let uri, let text?): return .resource(uri: uri, text: take(text, &left))
        case .unknown(let value):
            let text = value.text()
            let taken = take(text, &left)
            return taken == text ? part : .text(taken)
        case .image(let data, let mimeType) where data.utf8.count > imageBytes:
            return .text(note("an image of type \(mimeType) is left out, because it is too large"))
        case .resourceLink(let uri, let name, let description):
            let text = [name, uri, description ?? ""].joined(separator: " ")
            let taken = take(text, &left)
            return taken == text ? part : .text(taken)
        case .image, .audio, .resource: return part
        }
    }

    /// Counts Unicode scalars, because a `Character` may consist of any number of them.
    private static func take(_ text: String, _ left: inout Int) -> String {
        let count = text.scalarCount
        guard count > left else {
            left -= count
            return text
        }
        defer { left = 0 }
        var head = text.unicodeScalars.prefix(left)
        if let line = head.lastIndex(of: "\n"), head.distance(from: line, to: head.endIndex) < left / 4 {
            head = head[..<line]
        }
        return "\(String(head))\n\(note("\(head.count) of \(count) characters shown"))"
    }

    private static func note(_ what: String) -> String {
        "[cut: \(what); narrow the call with a filter, a limit or a page]"
    }
}

extension String {
    /// `unicodeScalars.count` without decoding: the number of UTF-8 bytes that are not continuation bytes.
    fileprivate var scalarCount: Int {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.reduce(into: 0) { count, byte in count += byte & 0xC0 == 0x80 ? 0 : 1 }
        } ?? unicodeScalars.count
    }
}
