/// Fills a tool's arguments from the words of a question, without a model: quoted text, enum values, numbers and dates
/// near a parameter's name. What has a default or is optional stays out.
struct OfflineArguments {
    /// The arguments that were found.
    private(set) var values = JSONObject()
    /// Required parameters for which nothing was found, with their descriptions.
    private(set) var missing: [(name: String, description: String)] = []

    init(for tool: ToolDefinition, from text: String) {
        let required = Set(tool.inputSchema["required"]?.array?.compactMap(\.string) ?? [])
        var words = WordList(text)
        // Values that can be recognised by themselves first; free text takes what is left.
        let properties = (tool.inputSchema["properties"]?.object ?? [:]).elements.sorted {
            (Self.vagueness($0.value), $0.key) < (Self.vagueness($1.value), $1.key)
        }
        for (name, schema) in properties {
            if let value = Self.value(name, schema, isRequired: required.contains(name), in: &words) {
                values[name] = value
            } else if required.contains(name), schema["default"] == nil {
                missing.append((name, schema["description"]?.string ?? ""))
            }
        }
    }

    private static func vagueness(_ schema: JSONValue) -> Int {
        if schema["enum"] != nil { return 0 }
        switch schema["type"]?.string {
        case "boolean", "integer", "number": return 1
        default: return schema["format"]?.string == nil ? 3 : 2
        }
    }

    private static func value(
        _ name: String, _ schema: JSONValue, isRequired: Bool, in words: inout WordList
    ) -> JSONValue? {
        if let options = schema["enum"]?.array { return words.takeOption(of: options) }
        switch schema["type"]?.string {
        case "integer": return words.takeNumber(near: name, isOnly: isRequired).flatMap { Int64(exactly: $0) }.map { .int($0) }
        case "number": return words.takeNumber(near: name, isOnly: isRequired).map { .double($0) }
        case "boolean": return nil
        case "array", "object": return nil
        default:
            if schema["format"]?.string?.hasPrefix("date") == true { return words.takeDate().map { .string($0) } }
            return words.takeText(after: name, isRequired: isRequired).map { .string($0) }
        }
    }
}

/// The words of a question, of which each is used once.
private struct WordList {
    private struct Word {
        let text: String
        let isQuoted: Bool
        var isTaken = false
        var lower: String { text.lowercased() }
    }

    private var words: [Word] = []

    init(_ text: String) {
        var rest = text[...]
        while let character = rest.first {
            if "\"`'".contains(character), let end = rest.dropFirst().firstIndex(of: character) {
                words.append(Word(text: String(rest[rest.index(after: rest.startIndex)..<end]), isQuoted: true))
                rest = rest[rest.index(after: end)...]
            } else if character.isWhitespace || ",;?!()=:\"`'".contains(character) {
                rest.removeFirst()
            } else {
                let word = rest.prefix { !$0.isWhitespace && !",;?!()=:\"`".contains($0) }
                rest = rest[word.endIndex...]
                words.append(Word(text: word.hasSuffix(".") ? String(word.dropLast()) : String(word), isQuoted: false))
            }
        }
    }

    mutating func takeOption(of options: [JSONValue]) -> JSONValue? {
        for index in words.indices where !words[index].isTaken {
            let found = options.first { option in
                guard let text = option.string?.lowercased() else { return false }
                return text == words[index].lower || SearchTerms.stem(text) == SearchTerms.stem(words[index].lower)
            }
            guard let found else { continue }
            words[index].isTaken = true
            return found
        }
        return nil
    }

    /// The number next to a word of the parameter's name, else for `limit` the first number after `top` or `last`,
    /// else, when it must have one, the first number at all.
    mutating func takeNumber(near name: String, isOnly: Bool) -> Double? {
        let names = Set(SearchTerms.words(name).map(SearchTerms.stem)).union(
            name.hasSuffix("limit") || name == "n" || name == "count" ? ["top", "first", "last", "newest"] : [])
        let numbers = words.indices.filter { !words[$0].isTaken && Double(words[$0].text) != nil }
        let near = numbers.first { index in
            [index - 1, index + 1].contains {
                words.indices.contains($0) && names.contains(SearchTerms.stem(words[$0].lower))
            }
        }
        guard let index = near ?? (isOnly ? numbers.first : nil) else { return nil }
        words[index].isTaken = true
        return Double(words[index].text)
    }

    mutating func takeDate() -> String? {
        guard
            let index = words.indices.first(where: {
                !words[$0].isTaken && words[$0].text.wholeMatch(of: /\d{4}-\d\d-\d\d(T[\d:.]+Z?)?/) != nil
            })
        else { return nil }
        words[index].isTaken = true
        return words[index].text
    }

    /// Quoted text, else the word after the parameter's name, else, when it must have one, the word after `for`, `of`,
    /// `on` or `in`.
    mutating func takeText(after name: String, isRequired: Bool) -> String? {
        let names = Set(SearchTerms.words(name).map(SearchTerms.stem))
        let free = words.indices.filter { !words[$0].isTaken && Double(words[$0].text) == nil }
        let quoted = free.first { words[$0].isQuoted }
        let named = free.first { $0 > 0 && names.contains(SearchTerms.stem(words[$0 - 1].lower)) && isValue($0) }
        let pointed = free.first {
            $0 > 0 && ["for", "of", "on", "in", "about"].contains(words[$0 - 1].lower) && isValue($0)
        }
        guard let index = quoted ?? named ?? (isRequired ? pointed : nil) else { return nil }
        words[index].isTaken = true
        return words[index].text
    }

    /// A filler is nobody's value.
    private func isValue(_ index: Int) -> Bool { !SearchTerms.of(words[index].text).isEmpty }
}
