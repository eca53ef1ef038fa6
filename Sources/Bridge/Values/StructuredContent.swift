extension ToolResult {
    /// The structured content that ``content`` does not tell: servers put the data there, beside a text that says only
    /// that there is some. nil when there is none, or the text is the same data.
    package var untoldStructured: JSONValue? {
        guard let structured, !structured.isVoid else { return nil }
        let texts = content.compactMap { if case .text(let text) = $0, !text.isBlank { text } else { nil } }
        guard !texts.isEmpty else { return structured }
        return Self.tell(texts, structured) ? nil : structured
    }

    /// ``text``, and the structured content that it does not tell.
    package var fullText: String {
        guard !content.isEmpty, let untold = untoldStructured?.text(), untold != text else { return text }
        return "\(text)\n\(untold)"
    }

    private static func tell(_ texts: [String], _ structured: JSONValue) -> Bool {
        // Some SDKs wrap what is no object: `{"result": …}`; a list then has a text for each element.
        let members = structured.object ?? [:]
        let inner = members.count == 1 ? members.values.first : nil
        let joined = texts.joined(separator: "\n")
        for value in [structured, inner].compactMap({ $0 }) {
            if texts.contains(where: { isSame($0, value) }) || isSame(joined, value) { return true }
            if let elements = value.array, elements.count == texts.count,
                zip(texts, elements).allSatisfy({ isSame($0, $1) })
            {
                return true
            }
        }
        return joined.contains("\n") && isMostly(structured, in: joined)
    }

    private static func isSame(_ text: String, _ value: JSONValue) -> Bool {
        if let words = value.string, words.trimmed == text.trimmed { return true }
        guard let parsed = try? JSONValue(parsing: text) else { return false }
        return parsed.normal == value.normal
    }

    /// Whether a longer text, such as a table, has most of the data's values in it.
    private static func isMostly(_ value: JSONValue, in text: String) -> Bool {
        let leaves = value.leaves(upTo: 500)
        let plain = text.replacing(",", with: "")
        let found = leaves.count { plain.contains($0.replacing(",", with: "")) }
        return found * 10 >= leaves.count * 6
    }
}

extension JSONValue {
    /// Whether there is nothing in it to be told.
    fileprivate var isVoid: Bool {
        switch self {
        case .null: true
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        case .bool, .int, .double, .string: false
        }
    }

    /// A text that is equal for equal data: keys are sorted, and 1.0 is 1.
    fileprivate var normal: String {
        func whole(_ value: JSONValue) -> JSONValue {
            switch value {
            case .double(let number): Int64(exactly: number).map(JSONValue.int) ?? value
            case .array(let elements): .array(elements.map(whole))
            case .object(let members): .object(members.mapValues(whole))
            case .null, .bool, .int, .string: value
            }
        }
        return whole(self).text(sortedKeys: true)
    }

    /// The strings and numbers in it, as text.
    fileprivate func leaves(upTo most: Int) -> [String] {
        var leaves: [String] = []
        func visit(_ value: JSONValue) {
            guard leaves.count < most else { return }
            switch value {
            case .string(let text): if !text.isEmpty { leaves.append(text) }
            case .int, .double: leaves.append(value.text())
            case .array(let elements): elements.forEach(visit)
            case .object(let members): members.values.forEach(visit)
            case .null, .bool: break
            }
        }
        visit(self)
        return leaves
    }
}

extension String {
    fileprivate var trimmed: Substring {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
