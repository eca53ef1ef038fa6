import Bridge

/// The validated content of a call that posts or updates a message.
struct MessageContent: Sendable {
    var text: String?
    var blocks: [JSONValue]?
    var attachments: [JSONValue]?
    var metadata: JSONValue?

    /// Decodes and validates `text`, `blocks`, `markdown_text`, `attachments` and `metadata`.
    ///
    /// - Throws: ``APIError``.
    init(_ call: APIArguments, textLimit: Int) throws(APIError) {
        text = try call.string("text")
        if let blocks = try call.structure("blocks", else: "invalid_blocks_format") {
            try BlockKitValidator.message(blocks)
            self.blocks = blocks.array
        }
        if let attachments = try call.structure("attachments", else: "invalid_attachments") {
            guard let list = attachments.array, list.count <= 100 else { throw APIError("too_many_attachments") }
            self.attachments = list
        }
        if let markdown = try call.string("markdown_text") {
            guard text == nil, blocks == nil else { throw APIError("markdown_text_conflict") }
            guard markdown.count <= BlockKitValidator.markdownLimit else { throw APIError("msg_too_long") }
            text = markdown
            blocks = [["type": "markdown", "text": .string(markdown)]]
        }
        if let text, text.count > textLimit { throw APIError("msg_too_long") }
        metadata = try Self.metadata(call)
        blocks = blocks.map(Self.named)
    }

    var isEmpty: Bool { (text ?? "").isEmpty && (blocks ?? []).isEmpty && (attachments ?? []).isEmpty }

    /// The valid `metadata` of a call; nil without.
    ///
    /// - Throws: ``APIError``.
    static func metadata(_ call: APIArguments) throws(APIError) -> JSONValue? {
        guard let metadata = try call.structure("metadata", else: "invalid_metadata_format") else { return nil }
        guard metadata["event_type"]?.string?.isEmpty == false, metadata["event_payload"]?.object != nil else {
            throw APIError("invalid_metadata_format")
        }
        guard metadata.bytes().count <= 8000 else { throw APIError("metadata_too_large") }
        return metadata
    }

    /// Blocks with the ids that Slack adds to those, and to elements, that have none.
    static func named(_ blocks: [JSONValue]) -> [JSONValue] {
        blocks.enumerated().map { index, block in
            var block = block
            if block["block_id"] == nil, block.object != nil { block["block_id"] = .string("b\(index)") }
            guard let elements = block["elements"]?.array, block["type"] != "rich_text", block["type"] != "context"
            else {
                return block
            }
            block["elements"] = .array(
                elements.enumerated().map { place, element in
                    var element = element
                    if element["action_id"] == nil { element["action_id"] = .string("e\(index).\(place)") }
                    return element
                })
            return block
        }
    }
}
