/// What the offline model answers to a greeting, to thanks and to "what can you do?": what to ask, from the tools that
/// the asker may use.
enum OfflineHelp {
    private static let mostExamples = 4
    private static let mostTitles = 12

    /// Whether the question has no other words than those of greetings, thanks and requests for help.
    static func isAsked(by question: String) -> Bool { SearchTerms.of(question).allSatisfy(smallTalk.contains) }

    static func answer(to question: String, tools: [ModelTool]) -> String {
        let isThanks = !Set(SearchTerms.of(question)).isDisjoint(with: ["thank", "thx"])
        return (isThanks ? "You are welcome.\n\n" : "") + text(for: tools)
    }

    private static func text(for tools: [ModelTool]) -> String {
        guard !tools.isEmpty else {
            return "There is no tool here that you may use. An administrator can add MCP servers, and rules for them."
        }
        let servers = Dictionary(grouping: tools) { $0.definition.name.server }.sorted { $0.key < $1.key }
        let lists = servers.map { server, tools in
            let titles = tools.map { title($0.definition) }
            let more = titles.count > mostTitles ? " and \(titles.count - mostTitles) more" : ""
            return "- **\(server)**: \(titles.prefix(mostTitles).joined(separator: ", "))\(more)"
        }
        var parts = ["You may ask about:\n\n\(lists.joined(separator: "\n"))"]
        let examples = examples(for: tools)
        if !examples.isEmpty {
            parts.append("For example:\n\n\(examples.map { "- \($0)" }.joined(separator: "\n"))")
        }
        return parts.joined(separator: "\n\n")
    }

    /// Questions that these tools answer: those about trouble, and those that descriptions of tools quote.
    private static func examples(for tools: [ModelTool]) -> [String] {
        let index = ToolIndex(tools.map(\.definition))
        var examples: [String] = []
        if let playbook = OfflinePlaybook("why is it slow", tools: tools, index: index) {
            let names = playbook.names.prefix(mostTitles).joined(separator: ", ")
            examples.append("why is X slow, or failing?" + (names.isEmpty ? "" : " (X is \(names))"))
        }
        for tool in tools {
            for quoted in tool.definition.description.matches(of: /"([^"\n]{4,80}\?)"/).map({ String($0.output.1) }) {
                guard examples.count < mostExamples else { return examples }
                let plan = OfflinePlan(quoted, tools: tools, withheld: [])
                if plan.calls.first?.tool == tool, !examples.contains(quoted) { examples.append(quoted) }
            }
        }
        return examples
    }

    private static func title(_ tool: ToolDefinition) -> String {
        let title = tool.title ?? tool.name.tool.replacing("_", with: " ")
        return title.prefix(60).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// Stems of ``SearchTerms``.
    private static let smallTalk: Set<String> = [
        "able", "about", "afternoon", "anyth", "ask", "bot", "capability", "cheer", "command", "cool", "day", "else",
        "even", "feature", "good", "great", "hello", "help", "hey", "hi", "know", "lot", "morn", "much", "nice", "ok",
        "okay", "omni", "so", "someth", "test", "thank", "thx", "tool", "use", "very", "welcome",
    ]
}
