extension SourceRule {
    private static let longestFile = 400
    private static let longestFunction = 50

    static let sizes: [SourceRule] = [
        SourceRule(
            name: "a file has at most \(longestFile) lines", advice: "One idea a file: split it.",
            broken: ("Sources/A.swift", String(repeating: "let a = 1\n", count: longestFile + 2))
        ) { file in
            let count = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
            return count > longestFile + 1 ? [Finding(line: count, what: "\(count) lines")] : []
        },
        SourceRule(
            name: "a function has at most \(longestFunction) lines", advice: "Give a step of it a name of its own.",
            allowed: [
                "Sources/DemoOps/Shop/ShopDatabases.swift": "a table of the demo's data, written as calls",
                "Sources/DemoOps/Shop/ShopIncidents.swift": "a table of the demo's data, written as calls",
            ],
            broken: ("Sources/A.swift", "func a() {\n" + String(repeating: "b()\n", count: longestFunction) + "}\n")
        ) { file in
            functions(in: file.code).filter { $0.lines > longestFunction }
                .map { Finding(line: $0.line, what: "\($0.name) has \($0.lines) lines") }
        },
        .pattern(
            "a type is named for what it is",
            #"\b(class|struct|enum|actor|protocol|typealias) \w*(Manager|Helper|Utils?)\b"#,
            advice: "Name what it keeps, decides or speaks.", broken: ("Sources/A.swift", "struct TokenManager {}")),
    ]

    /// A function's keyword line and its length in lines.
    private struct Function {
        let name: String
        let line: Int
        let lines: Int
    }

    /// Each function with a body: the line of its keyword, and the lines from there to its closing brace.
    private static func functions(in code: String) -> [Function] {
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
        let keyword = /\b(?:func (?<name>[\w]+|[^\s\w(]+)|(?<other>init|deinit|subscript)[?(<\s])/
        return lines.indices.compactMap { index in
            guard let match = lines[index].firstMatch(of: keyword) else { return nil }
            let before = lines[index][..<match.range.lowerBound]
            guard !before.contains(where: { ".({=".contains($0) }) else { return nil }
            guard let end = bodyEnd(lines, from: index) else { return nil }
            let name = match.output.name ?? match.output.other ?? "?"
            return Function(name: String(name), line: index + 1, lines: end - index + 1)
        }
    }

    /// The index of the line with the closing brace; nil for a requirement, which has no body.
    private static func bodyEnd(_ lines: [Substring], from start: Int) -> Int? {
        var (braces, others, hasBody) = (0, 0, false)
        for index in start..<lines.count {
            if !hasBody, index > start, others == 0, lines[index].allSatisfy(\.isWhitespace) { return nil }
            for character in lines[index] {
                switch character {
                case "(", "[": others += 1
                case ")", "]": others -= 1
                case "{":
                    if others == 0 { hasBody = true }
                    braces += 1
                case "}":
                    braces -= 1
                    if braces < 0 { return nil }
                    if braces == 0, others == 0, hasBody { return index }
                default: break
                }
            }
        }
        return nil
    }
}
