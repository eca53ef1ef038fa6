import OrderedCollections

/// One content block of a streamed response while it arrives.
struct AnthropicBlock {
    /// The block of `content_block_start`; members that no delta changes are sent back as they are.
    private let start: JSONObject
    private var text: String?
    private var thinking: String?
    private var signature: String?
    private var citations: [JSONValue] = []
    /// The input's JSON text; nil until a fragment arrives.
    private var input: String?
    /// Whether `content_block_stop` has arrived.
    var isComplete = false

    init(start: JSONObject) { self.start = start }

    var type: String { start["type"]?.string ?? "" }
    var isText: Bool { type == "text" }

    /// The text of `content_block_start`: empty at Anthropic, but not at every server with a compatible API.
    var opening: String { isText ? start["text"]?.string ?? "" : "" }

    /// The text so far; empty for a block of another type.
    var fullText: String { text ?? opening }

    /// Applies one delta and returns what it adds; nil when that is nothing to show. Unknown kinds are ignored, as
    /// Anthropic's versioning policy demands.
    mutating func apply(_ delta: JSONValue) -> ModelDelta? {
        switch delta["type"]?.string {
        case "text_delta":
            let more = delta["text"]?.string ?? ""
            text = fullText + more
            return more.isEmpty ? nil : .text(more)
        case "thinking_delta":
            let more = delta["thinking"]?.string ?? ""
            thinking = (thinking ?? start["thinking"]?.string ?? "") + more
            return more.isEmpty ? nil : .thinking(more)
        case "signature_delta": signature = delta["signature"]?.string
        case "input_json_delta": input = (input ?? "") + (delta["partial_json"]?.string ?? "")
        case "citations_delta": if let citation = delta["citation"] { citations.append(citation) }
        default: break
        }
        return nil
    }

    /// The input as JSON text: the fragments as they came; without any, the input of `content_block_start`, else `{}`
    /// (a tool without arguments). nil when the fragments are no JSON object.
    private var inputText: String? {
        guard let input, !input.isBlank else { return (start["input"] ?? [:]).text() }
        return (try? JSONValue(parsing: input))?.object == nil ? nil : input
    }

    /// The tool call in this block; nil when it is no `tool_use`. Its `input` is nil unless the block is complete.
    ///
    /// - Parameter isCut: whether the token limit ended the response in this block.
    func call(isCut: Bool) -> ModelToolCall? {
        guard type == "tool_use", let id = start["id"]?.string else { return nil }
        let value = inputText.flatMap { try? JSONValue(parsing: $0) }
        return ModelToolCall(
            id: id, wireName: start["name"]?.string ?? "",
            input: isComplete && !isCut && value?.object != nil ? value : nil)
    }

    /// The whole block as JSON text, to be sent back. nil for a text block without text, which the API returns but does
    /// not accept.
    var raw: String? {
        if isText, fullText.isBlank { return nil }
        var members = OrderedDictionary<String, String>()
        for (key, value) in start { members[key] = value.text() }
        if let text { members["text"] = JSONValue.string(text).text() }
        if let thinking { members["thinking"] = JSONValue.string(thinking).text() }
        if let signature { members["signature"] = JSONValue.string(signature).text() }
        if !citations.isEmpty {
            members["citations"] = JSONValue.array((start["citations"]?.array ?? []) + citations).text()
        }
        // An input that is no JSON object cannot be sent back as it came; the result of the call states the error.
        if input != nil || type == "tool_use" { members["input"] = inputText ?? "{}" }
        var object = JSONObjectWriter()
        for (key, value) in members { object.add(key, raw: value) }
        return String(decoding: object.finish(), as: UTF8.self)
    }
}
