import Bridge

/// The text of `/omni-tool`: `server tool key=value …`, or `server tool {JSON}`. The tool may also be written as Omni
/// names it elsewhere, `server.tool`. A value with spaces is put in quotation marks.
struct ToolCommandText: Sendable, Hashable {
    /// An argument as it was written.
    struct Argument: Sendable, Hashable {
        let name: String
        let text: String
        /// Whether it was put in quotation marks.
        let isQuoted: Bool
    }

    /// Why a text names no call.
    enum Problem: Error, Sendable, Hashable {
        case noTool
        /// The word is not `key=value`.
        case noPair(String)
        case twice(String)
        /// The value of that name has no closing quotation mark.
        case unclosed(String)
        case noObject
    }

    let tool: ToolName
    private let arguments: [Argument]
    /// The arguments when they were written as JSON.
    private let object: JSONValue?

    /// Throws ``Problem``.
    init(_ text: String) throws(Problem) {
        var words = ToolCommandWords(text)
        let first = words.word()
        if let point = first.firstIndex(of: "."), !words.beginsWithTool {
            tool = ToolName(server: String(first[..<point]), tool: String(first[first.index(after: point)...]))
        } else {
            tool = ToolName(server: first, tool: words.word())
        }
        guard !tool.server.isEmpty, !tool.tool.isEmpty, !tool.tool.contains("=") else { throw .noTool }
        guard words.rest.hasPrefix("{") else {
            (arguments, object) = (try words.arguments(), nil)
            return
        }
        let value = try? JSONValue(lenient: String(words.rest))
        guard let value, value.object != nil else { throw .noObject }
        (arguments, object) = ([], value)
    }

    /// The call, with the values in the types that the tool's schema asks for.
    ///
    /// - Parameter schema: the tool's `inputSchema`; nil when the tool is not known.
    func call(as schema: JSONValue?) -> NamedToolCall {
        if let object { return NamedToolCall(tool, arguments: object) }
        let values = arguments.map { ($0.name, $0.value(as: schema?["properties"]?[$0.name])) }
        return NamedToolCall(tool, arguments: .object(JSONObject(uniqueKeysWithValues: values)))
    }
}

extension ToolCommandText.Argument {
    /// The value in a type of the schema, if the text is one; else the text, about which the check of the call says
    /// what is wrong. Without a schema a text that is JSON is what it means, unless it was quoted.
    fileprivate func value(as schema: JSONValue?) -> JSONValue {
        let types = Self.types(schema)
        let mayBeText = types.isEmpty || types.contains("string")
        if types == ["string"] || isQuoted && mayBeText { return .string(text) }
        guard let value = try? JSONValue(lenient: text) else { return .string(text) }
        return types.isEmpty || !types.isDisjoint(with: Self.names(of: value)) ? value : .string(text)
    }

    /// The names of the types that a schema allows; empty when it names none.
    private static func types(_ schema: JSONValue?) -> Set<String> {
        let arms = ["anyOf", "oneOf"].flatMap { schema?[$0]?.array ?? [] }
        return Set(
            ([schema].compactMap { $0 } + arms).flatMap { $0["type"]?.array ?? [$0["type"] ?? .null] }.compactMap(
                \.string))
    }

    /// The names of the types that a value has in JSON Schema.
    private static func names(of value: JSONValue) -> Set<String> {
        switch value {
        case .null: ["null"]
        case .bool: ["boolean"]
        case .int: ["integer", "number"]
        case .double: ["number"]
        case .string: ["string"]
        case .array: ["array"]
        case .object: ["object"]
        }
    }
}

/// Reads the words of a ``ToolCommandText``.
private struct ToolCommandWords {
    /// What is left, without leading space.
    private(set) var rest: Substring

    /// Phones replace straight quotation marks by typographic ones.
    private static let marks: [Set<Character>] = [["\"", "“", "”", "„"], ["'", "‘", "’"]]

    init(_ text: String) { rest = text.drop { $0.isWhitespace } }

    /// Whether what is left begins with a word that is neither an argument nor JSON.
    var beginsWithTool: Bool {
        let word = rest.prefix { !$0.isWhitespace }
        return !word.isEmpty && !word.contains("=") && !word.hasPrefix("{")
    }

    /// The next word; empty at the end.
    mutating func word() -> String { take { $0.isWhitespace } }

    /// All that is left, as `key=value`.
    mutating func arguments() throws(ToolCommandText.Problem) -> [ToolCommandText.Argument] {
        var arguments: [ToolCommandText.Argument] = []
        while !rest.isEmpty {
            let argument = try self.argument()
            if arguments.contains(where: { $0.name == argument.name }) { throw .twice(argument.name) }
            arguments.append(argument)
        }
        return arguments
    }

    private mutating func argument() throws(ToolCommandText.Problem) -> ToolCommandText.Argument {
        let word = rest.prefix { !$0.isWhitespace }
        guard let sign = word.firstIndex(of: "="), sign > word.startIndex else { throw .noPair(String(word)) }
        let name = String(word[..<sign])
        rest = rest[rest.index(after: sign)...]
        guard let first = rest.first, let marks = Self.marks.first(where: { $0.contains(first) }) else {
            return ToolCommandText.Argument(name: name, text: take { $0.isWhitespace }, isQuoted: false)
        }
        rest = rest.dropFirst()
        guard let text = quoted(until: marks) else { throw .unclosed(name) }
        return ToolCommandText.Argument(name: name, text: text, isQuoted: true)
    }

    /// The characters up to one at which `isEnd` is true, and removes them with the space behind.
    private mutating func take(until isEnd: (Character) -> Bool) -> String {
        let taken = rest.prefix { !isEnd($0) }
        rest = rest[taken.endIndex...].drop { $0.isWhitespace }
        return String(taken)
    }

    /// The text up to one of the marks, before which a backslash stands for the mark itself; nil without a mark.
    private mutating func quoted(until marks: Set<Character>) -> String? {
        var text = ""
        while let character = rest.popFirst() {
            if marks.contains(character) {
                rest = rest.drop { $0.isWhitespace }
                return text
            }
            if character == "\\", let next = rest.first, marks.contains(next) || next == "\\" {
                text.append(next)
                rest = rest.dropFirst()
            } else {
                text.append(character)
            }
        }
        return nil
    }
}
