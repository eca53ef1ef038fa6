/// The offline model's answer to a greeting and to "what can you do?": what the asker may ask.
enum OfflineGreeting {
    private static let thanks: Set<String> = ["thanks", "thank you", "thx", "thanks a lot", "thank you very much"]
    private static let greetings: Set<String> = [
        "help", "hello", "hi", "hey", "good morning", "good evening", "what can you do", "what can i ask",
        "what can i ask you", "who are you", "what do you do", "how can you help", "what are you",
    ]
    /// The most tools and examples that are named.
    private static let most = (tools: 6, examples: 4)

    /// nil for any other question.
    ///
    /// - Parameter tools: those that the asker may use.
    static func answer(to question: String, tools: [ToolDefinition]) -> String? {
        let text = SearchTerms.words(question).filter { $0 != "omni" }.joined(separator: " ")
        if thanks.contains(text) { return "You are welcome." }
        guard greetings.contains(text) else { return nil }
        guard !tools.isEmpty else {
            return "I answer questions with the tools of your organisation. You may use none of them yet: an "
                + "administrator can change that."
        }
        let examples = tools.flatMap { Self.examples(in: $0.description) }.prefix(most.examples)
        let lines = tools.prefix(most.tools).map {
            "- **\($0.title ?? $0.name.tool)**: \(firstSentence($0.description))"
        }
        var parts = ["I answer questions with the tools that you may use. Among the \(tools.count):"]
        parts.append(lines.joined(separator: "\n"))
        if !examples.isEmpty {
            parts.append("Ask for example:\n\n\(examples.map { "- \($0)" }.joined(separator: "\n"))")
        }
        return parts.joined(separator: "\n\n")
    }

    /// Questions in quotation marks, which descriptions give as examples.
    private static func examples(in description: String) -> [String] {
        description.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 && $0.element.hasSuffix("?") }.map { String($0.element) }
    }

    private static func firstSentence(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let end = line.firstRange(of: ". ").map { line[..<$0.lowerBound] + "." } ?? line[...]
        return end.count > 160 ? "\(end.prefix(157))…" : String(end)
    }
}
