import Bridge

/// Validates Block Kit as Slack does, with Slack's error codes and messages.
enum BlockKitValidator {
    /// Characters in all blocks of a message together; measured (slackapi/bolt-js#2509), not documented by Slack.
    static let totalLimit = 13_200
    /// Characters in all `markdown` blocks of a message together.
    static let markdownLimit = 12_000
    /// Characters in one `table` block.
    static let tableLimit = 10_000

    /// Validates the blocks of a message.
    ///
    /// - Throws: ``APIError`` `invalid_blocks_format`; `invalid_blocks` with messages that hold JSON pointers;
    ///   `invalid_attachments` for a second table; `msg_blocks_too_long`.
    static func message(_ blocks: JSONValue) throws(APIError) {
        guard let list = blocks.array else { throw APIError("invalid_blocks_format") }
        var walker = BlockKitWalker()
        walker.walk(blocks, .list(min: 0, max: 50, of: .typed(BlockShapes.messageBlocks)), "/blocks")
        try refuse(walker.problems + relations(list, "/blocks"))
        // Observed, not documented by Slack: the code is that of attachments.
        if list.count(where: { $0["type"] == "table" }) > 1 {
            throw APIError("invalid_attachments", messages: ["[ERROR] only_one_table_allowed [json-pointer:/blocks]"])
        }
        let total = list.reduce(0) { $0 + characters($1) }
        if total > totalLimit { throw APIError("msg_blocks_too_long") }
    }

    /// Validates a modal or a Home view, which has neither title nor buttons (docs.slack.dev, Views).
    ///
    /// - Throws: ``APIError`` `invalid_arguments` or `view_too_large`.
    static func view(_ view: JSONValue, types: [String]) throws(APIError) {
        let plain: BlockRule = .text(plain: true, max: 24)
        let ids: [String: BlockRule] = [
            "private_metadata": .string(max: 3000), "callback_id": .string(max: 255), "external_id": .string(max: 255),
        ]
        let ofModals: [String: BlockRule] = [
            "title": plain, "submit": plain, "close": plain, "clear_on_close": .bool, "notify_on_close": .bool,
            "submit_disabled": .bool,
        ]
        let isHome = view["type"]?.string == "home"
        var walker = BlockKitWalker()
        let shape = BlockShape(
            ["type": .oneOf(types), "blocks": .list(min: 0, max: 100, of: .typed(BlockShapes.viewBlocks))],
            optional: isHome ? ids : ids.merging(ofModals) { $1 })
        walker.walk(view, .object(shape), "/view")
        var problems = walker.problems + relations(view["blocks"]?.array ?? [], "/view/blocks")
        if view["type"]?.string == "modal", view["title"] == nil {
            problems.append("[ERROR] missing required field: title [json-pointer:/view]")
        }
        if !problems.isEmpty { throw APIError("invalid_arguments", messages: problems) }
        if view.bytes().count > 250_000 { throw APIError("view_too_large") }
    }

    private static func refuse(_ problems: [String]) throws(APIError) {
        if !problems.isEmpty { throw APIError("invalid_blocks", messages: problems) }
    }

    /// The rules that involve several members or several blocks; `path` is the JSON pointer of the blocks.
    private static func relations(_ blocks: [JSONValue], _ path: String) -> [String] {
        var problems: [String] = []
        var (blockIDs, actionIDs): (Set<String>, Set<String>) = ([], [])
        var markdown = 0
        for (index, block) in blocks.enumerated() {
            let pointer = "\(path)/\(index)"
            if let id = block["block_id"]?.string, !blockIDs.insert(id).inserted {
                problems.append("[ERROR] `block_id` already exists [json-pointer:\(pointer)/block_id]")
            }
            switch block["type"]?.string {
            case "section" where block["text"] == nil && block["fields"] == nil:
                problems.append("[ERROR] missing required field: text or fields [json-pointer:\(pointer)]")
            case "image" where block["image_url"] == nil && block["slack_file"] == nil:
                problems.append("[ERROR] missing required field: image_url or slack_file [json-pointer:\(pointer)]")
            case "markdown": markdown += block["text"]?.string?.count ?? 0
            case "table":
                if characters(block) > tableLimit {
                    problems.append("[ERROR] table has more than \(tableLimit) characters [json-pointer:\(pointer)]")
                }
            case "actions":
                actionIDs.removeAll()
                for (place, element) in (block["elements"]?.array ?? []).enumerated() {
                    if let id = element["action_id"]?.string, !actionIDs.insert(id).inserted {
                        problems.append(
                            "[ERROR] `action_id` already exists [json-pointer:\(pointer)/elements/\(place)/action_id]")
                    }
                }
            default: break
            }
        }
        if markdown > markdownLimit {
            problems.append("[ERROR] markdown blocks have more than \(markdownLimit) characters [json-pointer:\(path)]")
        }
        return problems
    }

    /// The number of visible characters: all members named `text`, at any depth.
    private static func characters(_ value: JSONValue) -> Int {
        switch value {
        case .array(let elements): elements.reduce(0) { $0 + characters($1) }
        case .object(let members):
            members.reduce(0) { sum, member in
                switch member.value {
                case .string(let text): sum + (member.key == "text" ? text.count : 0)
                default: sum + characters(member.value)
                }
            }
        default: 0
        }
    }
}
