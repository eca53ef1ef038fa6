import OrderedCollections

/// One content block of a streamed answer while it arrives.
struct AnthropicBlock {
    /// The block as `content_block_start` gave it; members that no delta touches are sent back as they are.
    private let start: JSONObject
    private var text: String?
    private var thinking: String?
    private var signature: String?
    private var citations: [JSONValue] = []
    /// The input's JSON text; nil until a fragment came.
    private var input: String?
    /// Whether `content_block_stop` came.
    var isComplete = false

    init(start: JSONObject) { self.start = start }

    var type: String { start["type"]?.string ?? "" }
    var isText: Bool { type == "text" }

    /// The text with which the block began: empty at Anthropic, and not at every server that speaks like it.
    var opening: String { isText ? start["text"]?.string ?? "" : "" }

    var fullText: String { text ?? opening }

    /// Takes one delta; kinds that this program does not know change nothing, as the versioning policy asks.
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

    /// The input as JSON text: the fragments' very bytes, `{}` when there were none (a tool without arguments). nil
    /// when they are no JSON object.
    private var inputText: String? {
        guard let input, !input.isBlank else { return (start["input"] ?? [:]).text() }
        return (try? JSONValue(parsing: input))?.object == nil ? nil : input
    }

    /// The call that this block makes; nil when it makes none. Without an input unless the block is whole.
    func call(isCut: Bool) -> ModelToolCall? {
        guard type == "tool_use", let id = start["id"]?.string else { return nil }
        let value = inputText.flatMap { try? JSONValue(parsing: $0) }
        return ModelToolCall(
            id: id, wireName: start["name"]?.string ?? "",
            input: isComplete && !isCut && value?.object != nil ? value : nil)
    }

    /// The whole block as it is sent back. nil for a text block without text, which the API gives but does not take.
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
        // What is no JSON cannot be sent back as it came; the call's result says what was wrong.
        if input != nil || type == "tool_use" { members["input"] = inputText ?? "{}" }
        var object = JSONObjectWriter()
        for (key, value) in members { object.add(key, raw: value) }
        return String(decoding: object.finish(), as: UTF8.self)
    }
}
