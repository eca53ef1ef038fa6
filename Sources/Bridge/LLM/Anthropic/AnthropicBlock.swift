import OrderedCollections

/// One content block of a streamed response while it arrives.
struct AnthropicBlock {
    /// The block of `content_block_start`; members that no delta changes are sent back as they are.
    private var start: JSONObject
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
    var isCall: Bool { type == "tool_use" }

    /// The id of a tool call: empty when the block has none. Some servers write a number. Setting it changes the block
    /// that is sent back.
    var callID: String {
        get {
            switch start["id"] {
            case .string(let id): id
            case .int(let id): "\(id)"
            default: ""
            }
        }
        set { start["id"] = .string(newValue) }
    }

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
    /// (a tool without arguments). Fragments that only a lenient reader accepts are written anew, since a provider
    /// refuses them. nil when they are no JSON object.
    private var inputText: String? {
        guard let input, !input.isBlank else {
            switch start["input"] {
            case nil, .null: return "{}"
            case .string(let text) where text.isBlank: return "{}"
            case .some(let whole): return whole.object == nil ? nil : whole.text()
            }
        }
        if let value = try? JSONValue(parsing: input) { return value.object == nil ? nil : input }
        return (try? JSONValue(lenient: input)).flatMap { $0.object == nil ? nil : $0.text() }
    }

    /// The tool call in this block; nil when it is no `tool_use`. Its `input` is nil unless the block is complete.
    ///
    /// - Parameter isCut: whether the token limit ended the response in this block.
    func call(isCut: Bool) -> ModelToolCall? {
        guard isCall else { return nil }
        let value = inputText.flatMap { try? JSONValue(parsing: $0) }
        return ModelToolCall(
            id: callID, wireName: start["name"]?.string ?? "",
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
        if input != nil || isCall { members["input"] = inputText ?? "{}" }
        var object = JSONObjectWriter()
        for (key, value) in members { object.add(key, raw: value) }
        return String(decoding: object.finish(), as: UTF8.self)
    }
}
