import Bridge

/// Checks JSON against a ``BlockRule`` recursively. Collects problems in Slack's wording, each with its JSON pointer.
struct BlockKitWalker {
    /// `[ERROR] … [json-pointer:…]`, as in Slack's `response_metadata.messages`.
    private(set) var problems: [String] = []

    private mutating func problem(_ words: String, _ pointer: String) {
        problems.append("[ERROR] \(words) [json-pointer:\(pointer)]")
    }

    /// Checks a value; `pointer` is its JSON pointer.
    mutating func walk(_ value: JSONValue, _ rule: BlockRule, _ pointer: String) {
        switch rule {
        case .any: break
        case .bool: if value.bool == nil { problem("must be a boolean", pointer) }
        case .number: if value.double == nil { problem("must be a number", pointer) }
        case .string(let min, let max): string(value, min: min, max: max, pointer)
        case .oneOf(let values):
            if value.string.map({ values.contains($0) }) != true {
                problem("must be one of: \(values.joined(separator: ", "))", pointer)
            }
        case .text(let plain, let max): text(value, plain: plain, max: max, pointer)
        case .object(let shape): object(value, shape, pointer)
        case .typed(let shapes): typed(value, shapes, pointer)
        case .list(let min, let max, let rule): list(value, min: min, max: max, rule, pointer)
        case .richText: richText(value, pointer)
        }
    }

    private mutating func string(_ value: JSONValue, min: Int, max: Int, _ pointer: String) {
        guard let string = value.string else { return problem("must be a string", pointer) }
        if string.count > max { problem("must be less than \(max + 1) characters", pointer) }
        if string.count < min { problem("must be more than \(min - 1) characters", pointer) }
    }

    private mutating func text(_ value: JSONValue, plain: Bool, max: Int, _ pointer: String) {
        guard value.object != nil else { return problem("must provide an object", pointer) }
        guard let type = value["type"]?.string else { return problem("missing required field: type", pointer) }
        guard type == "plain_text" || (type == "mrkdwn" && !plain) else {
            return problem("unsupported type: \(type)", pointer + "/type")
        }
        let shape =
            type == "plain_text"
            ? BlockShape(["type": .any, "text": .string(min: 1, max: max)], optional: ["emoji": .bool])
            : BlockShape(["type": .any, "text": .string(min: 1, max: max)], optional: ["verbatim": .bool])
        object(value, shape, pointer)
    }

    private mutating func object(_ value: JSONValue, _ shape: BlockShape, _ pointer: String) {
        guard let members = value.object else { return problem("must provide an object", pointer) }
        for name in shape.required.keys.sorted() where members[name] == nil {
            problem("missing required field: \(name)", pointer)
        }
        for (name, member) in members {
            if let rule = shape.required[name] ?? shape.optional[name] {
                walk(member, rule, "\(pointer)/\(name)")
            } else {
                problem("invalid additional property: \(name)", pointer)
            }
        }
    }

    private mutating func typed(_ value: JSONValue, _ shapes: [String: BlockShape], _ pointer: String) {
        guard value.object != nil else { return problem("must provide an object", pointer) }
        guard let type = value["type"]?.string else { return problem("missing required field: type", pointer) }
        guard let shape = shapes[type] else { return problem("unsupported type: \(type)", pointer + "/type") }
        object(value, shape, pointer)
    }

    private mutating func list(_ value: JSONValue, min: Int, max: Int, _ rule: BlockRule, _ pointer: String) {
        guard let elements = value.array else { return problem("must provide an array", pointer) }
        if elements.count > max { problem("no more than \(max) items allowed", pointer) }
        if elements.count < min { problem("no fewer than \(min) items allowed", pointer) }
        for (index, element) in elements.enumerated() { walk(element, rule, "\(pointer)/\(index)") }
    }

    private mutating func richText(_ value: JSONValue, _ pointer: String) {
        let known = ["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"]
        guard let elements = value.array else { return problem("must provide an array", pointer) }
        for (index, element) in elements.enumerated() {
            guard let type = element["type"]?.string, known.contains(type) else {
                problem("unsupported type: \(element["type"]?.string ?? "")", "\(pointer)/\(index)/type")
                continue
            }
            if element["elements"]?.array == nil {
                problem("missing required field: elements", "\(pointer)/\(index)")
            }
        }
    }
}
