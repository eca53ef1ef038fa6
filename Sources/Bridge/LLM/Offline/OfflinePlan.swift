/// What the offline model does with a question: the calls to make, the arguments to ask for, or the denied tool for
/// which it refuses. Equal questions with equal tools make equal plans.
struct OfflinePlan {
    /// A call with all its required arguments.
    struct Call {
        let tool: ModelTool
        let arguments: JSONObject
    }

    /// At most one call of each tool, in the order of the question's steps.
    private(set) var calls: [Call] = []
    /// Sentences that ask for required arguments which were not found.
    private(set) var needs: [String] = []
    /// A tool that the asker may not use and that fits a step clearly better than every allowed one; nil when there is
    /// none.
    private(set) var refused: WithheldTool?

    private let matches: [String: [ToolIndex.Match]]

    init(_ question: String, tools: [ModelTool], withheld: [WithheldTool]) {
        let allowed = Dictionary(tools.map { ($0.definition.name, $0) }, uniquingKeysWith: { first, _ in first })
        let forbidden = Dictionary(withheld.map { ($0.definition.name, $0) }, uniquingKeysWith: { first, _ in first })
        // One index over both, since scores of different indexes are not comparable.
        let index = ToolIndex(tools.map(\.definition) + withheld.map(\.definition))
        let diagnosis = Diagnosis.steps(for: question)
        let steps = (diagnosis ?? []) + QuestionSplitter.split(question)
        var matches: [String: [ToolIndex.Match]] = [:]
        for text in [question] + steps { matches[text] = index.search(text, limit: .max) }
        self.matches = matches.mapValues { $0.filter { allowed[$0.tool.name] != nil } }
        for step in diagnosis ?? [] {
            // The asker did not name these calls, so they only read.
            guard let best = self.matches[step]?.first(where: { $0.tool.annotations.readOnly == true }),
                best.score >= OfflineModel.threshold, let tool = allowed[best.tool.name]
            else { continue }
            add(tool, from: step)
        }
        // Without a tool for any of its steps, a question about a cause is one like any other.
        if !calls.isEmpty { return }
        for step in QuestionSplitter.split(question) {
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

    /// The `count` allowed tools with the highest scores for the question, the threshold disregarded.
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
