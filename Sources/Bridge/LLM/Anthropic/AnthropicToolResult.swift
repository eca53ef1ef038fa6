/// Encodes a tool's result as a `tool_result` block. Text of a tool is wrapped as ``UntrustedText``.
enum AnthropicToolResult {
    /// The block; without `content` when the result is empty.
    static func block(_ result: ModelToolResult) -> JSONValue {
        var block: JSONValue = ["type": "tool_result", "tool_use_id": .string(result.callID)]
        var content = result.result.content.compactMap(content)
        let structured = content.isEmpty ? result.result.structured : result.result.untoldStructured
        if let structured { content.append(text(structured.text())) }
        if let tool = result.tool { content = content.map { fenced($0, tool) } }
        // The API accepts a result without content, and rejects one with an empty text block.
        if !content.isEmpty { block["content"] = .array(content) }
        if result.result.isError { block["is_error"] = true }
        return block
    }

    /// In pixels, of width and of height (Anthropic, "Vision").
    private static let mostPixels = 8_000

    /// Text and images of four formats are what the API accepts; any other content becomes a text that describes it. The
    /// API compares an image with its declared type, so that the type is that of the first bytes. nil for blank text.
    private static func content(_ content: ToolContent) -> JSONValue? {
        // `nil` would be JSON's null here, since JSONValue is ExpressibleByNilLiteral; hence `Optional.none`.
        switch content {
        case .text(let words): words.isBlank ? Optional.none : text(words)
        case .image(let data, let mimeType): image(data, mimeType)
        case .audio(let data, let mimeType): text(omitted("audio", mimeType, data))
        case .resourceLink(let uri, let name, let description):
            text("[link to \(name): \(uri)\(description.map { " (\($0))" } ?? "")]")
        case .resource(let uri, let words?): words.isBlank ? Optional.none : text("[\(uri)]\n\(words)")
        case .resource(let uri, nil): text("[\(uri): content that is not text is left out]")
        case .unknown(let value): text(value.text())
        }
    }

    private static func image(_ data: String, _ mimeType: String) -> JSONValue {
        guard let image = Base64Image(data) else {
            let reason = data.isBlank ? "it has no data" : "its data is no PNG, JPEG, GIF or WebP image"
            return text("[image of type \(mimeType.prefix(100)) left out: \(reason)]")
        }
        if let pixels = image.pixels, max(pixels.width, pixels.height) > mostPixels {
            return text(
                "[image left out: it has \(pixels.width) × \(pixels.height) pixels, too many to be shown to you]")
        }
        return block(of: image)
    }

    /// The content block of an image.
    static func block(of image: Base64Image) -> JSONValue {
        [
            "type": "image",
            "source": [
                "type": "base64", "media_type": .string(image.format.mimeType), "data": .string(image.base64),
            ],
        ]
    }

    private static func omitted(_ kind: String, _ mimeType: String, _ base64: String) -> String {
        "[\(kind) of type \(mimeType), about \(base64.utf8.count / 4 * 3) bytes, left out: it cannot be shown to you]"
    }

    private static func fenced(_ block: JSONValue, _ tool: ToolName) -> JSONValue {
        block["text"]?.string.map { text(UntrustedText.wrap($0, from: tool)) } ?? block
    }

    private static func text(_ words: String) -> JSONValue { ["type": "text", "text": .string(words)] }
}
