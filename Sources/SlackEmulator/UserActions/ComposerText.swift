import Bridge

/// Converts entered text as Slack's clients do: `@name` and `#name` become ids, `& < >` are escaped.
enum ComposerText {
    /// The mrkdwn of an entered text. Ids that are written as `<@U…>` or `<#C…>` stay.
    static func encode(_ typed: String, in state: WorkspaceState) -> String {
        var output = ""
        var rest = Substring(typed)
        while let character = rest.first {
            if let (id, after) = written(rest, in: state) {
                output += id
                rest = after
                continue
            }
            let startsWord = output.last.map { !$0.isLetter && !$0.isNumber } ?? true
            if startsWord, character == "@" || character == "#", let (id, after) = reference(rest, in: state) {
                output += id
                rest = after
                continue
            }
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            default: output.append(character)
            }
            rest = rest.dropFirst()
        }
        return output
    }

    private static func written(_ text: Substring, in state: WorkspaceState) -> (String, Substring)? {
        guard text.hasPrefix("<@") || text.hasPrefix("<#"), let end = text.firstIndex(of: ">") else { return nil }
        let id = text[text.index(text.startIndex, offsetBy: 2)..<end].prefix { $0 != "|" }
        guard state.people.contains(where: { $0.id == id }) || state.channels.contains(where: { $0.id == id }) else {
            return nil
        }
        return (String(text[...end]), text[text.index(after: end)...])
    }

    private static func reference(_ text: Substring, in state: WorkspaceState) -> (String, Substring)? {
        let name = text.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        guard !name.isEmpty else { return nil }
        let after = text.dropFirst(1 + name.count)
        if text.first == "@" {
            return state.people.first { $0.name == name }.map { ("<@\($0.id)>", after) }
        }
        let channel = state.channels.first { $0.kind != .im && $0.name == name }
        return channel.map { ($0.kind == .group ? "<#\($0.id)|>" : "<#\($0.id)|\($0.name)>", after) }
    }

    /// The rich_text block that clients send with the text.
    static func richText(_ text: String) -> JSONValue {
        var elements: [JSONValue] = []
        var rest = Substring(text)
        func flush(_ words: Substring) {
            guard !words.isEmpty else { return }
            elements.append(["type": "text", "text": .string(decode(String(words)))])
        }
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            flush(rest[..<start])
            let inner = rest[rest.index(after: start)..<end]
            let id = String(inner.dropFirst().prefix { $0 != "|" })
            if inner.hasPrefix("@") {
                elements.append(["type": "user", "user_id": .string(id)])
            } else if inner.hasPrefix("#") {
                elements.append(["type": "channel", "channel_id": .string(id)])
            }
            rest = rest[rest.index(after: end)...]
        }
        flush(rest)
        return [
            "type": "rich_text", "block_id": "typed",
            "elements": [["type": "rich_text_section", "elements": .array(elements)]],
        ]
    }

    /// The text without entities.
    static func decode(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
}
