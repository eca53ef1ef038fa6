/// Finds a tool's arguments in the text of a question, without a model: enum values, numbers and dates, quoted text,
/// and words near a parameter's name. A parameter for which nothing is found is left out.
struct OfflineArguments {
    /// The arguments that were found.
    private(set) var values = JSONObject()
    /// Required parameters without a default for which nothing was found, with their descriptions.
    private(set) var missing: [(name: String, description: String)] = []

    init(for tool: ToolDefinition, from text: String) {
        let required = Set(tool.inputSchema["required"]?.array?.compactMap(\.string) ?? [])
        var words = QuestionTokens(text)
        // Parameters whose values have a recognisable form come first; free text takes the words that are left.
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

    /// Rank of a parameter: the higher, the less its schema restricts the form of its value.
    private static func vagueness(_ schema: JSONValue) -> Int {
        if schema["enum"] != nil { return 0 }
        switch schema["type"]?.string {
        case "boolean", "integer", "number": return 1
        default: return schema["format"]?.string == nil ? 3 : 2
        }
    }

    private static func value(
        _ name: String, _ schema: JSONValue, isRequired: Bool, in words: inout QuestionTokens
    ) -> JSONValue? {
        if let options = schema["enum"]?.array { return words.takeOption(of: options) }
        switch schema["type"]?.string {
        case "integer":
            return words.takeNumber(near: name, isRequired: isRequired).flatMap { Int64(exactly: $0) }.map { .int($0) }
        case "number": return words.takeNumber(near: name, isRequired: isRequired).map { .double($0) }
        case "boolean", "array", "object": return nil
        default:
            if schema["format"]?.string?.hasPrefix("date") == true { return words.takeDate().map { .string($0) } }
            return words.takeText(after: name, isRequired: isRequired).map { .string($0) }
        }
    }
}
