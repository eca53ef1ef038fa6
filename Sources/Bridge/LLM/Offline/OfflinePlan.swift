/// What the offline model makes of a question: which tools to call with what, what it must ask for first, or which tool
/// would fit that the asker may not use. Equal questions over equal tools make equal plans.
struct OfflinePlan {
    struct Call {
        let tool: ModelTool
        let arguments: JSONObject
    }

    /// At most one call of each tool, in the order of the question.
    private(set) var calls: [Call] = []
    /// Sentences that ask for required arguments which were not found.
    private(set) var needs: [String] = []
    /// A tool that only others may use and that fits one of the steps clearly better than what is allowed.
    private(set) var refused: WithheldTool?

    private let matches: [String: [ToolIndex.Match]]

    init(_ question: String, tools: [ModelTool], withheld: [WithheldTool]) {
        let allowed = Dictionary(tools.map { ($0.definition.name, $0) }, uniquingKeysWith: { first, _ in first })
        let forbidden = Dictionary(withheld.map { ($0.definition.name, $0) }, uniquingKeysWith: { first, _ in first })
        // One index over both: scores of different indexes do not compare.
        let index = ToolIndex(tools.map(\.definition) + withheld.map(\.definition))
        let steps = QuestionSplitter.split(question)
        var matches: [String: [ToolIndex.Match]] = [:]
        for text in [question] + steps { matches[text] = index.search(text, limit: .max) }
        self.matches = matches.mapValues { $0.filter { allowed[$0.tool.name] != nil } }
        for step in steps {
            let best = self.matches[step]?.first
            let other = matches[step]?.first { forbidden[$0.tool.name] != nil && allowed[$0.tool.name] == nil }
            if let other, other.score >= OfflineModel.threshold,
                other.score > OfflineModel.clearly * (best?.score ?? 0)
            {
                refused = forbidden[other.tool.name]
                return
            }
            guard let best, best.score >= OfflineModel.threshold, let tool = allowed[best.tool.name] else { continue }
            add(tool, from: step)
        }
    }

    /// The allowed tools that fit the question best, however badly.
    func nearest(to question: String, _ count: Int) -> [ToolDefinition] {
        (matches[question] ?? []).prefix(count).map(\.tool)
    }

    private mutating func add(_ tool: ModelTool, from step: String) {
        guard !calls.contains(where: { $0.tool == tool }) else { return }
        let arguments = OfflineArguments(for: tool.definition, from: step)
        if arguments.missing.isEmpty {
            calls.append(Call(tool: tool, arguments: arguments.values))
        } else {
            needs.append(Self.need(tool.definition, arguments.missing))
        }
    }

    private static func need(_ tool: ToolDefinition, _ missing: [(name: String, description: String)]) -> String {
        let names = missing.map { $0.description.isEmpty ? "`\($0.name)`" : "`\($0.name)` (\($0.description))" }
        return "To use \(tool.name) I need \(names.joined(separator: " and ")). Please ask again and name it."
    }
}
