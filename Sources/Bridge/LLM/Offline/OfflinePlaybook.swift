/// What the offline model looks up for a question about trouble, such as "why is checkout slow?": a fixed list of four
/// steps. Each step is described by words and taken by the reading tool that fits them best, of those that the asker
/// may use and that accept what the question is about; a step without such a tool is left out. The last steps are about
/// what the results of the first ones name first. Equal questions with equal tools and results make equal calls.
struct OfflinePlaybook {
    /// The calls of the first steps; at least one.
    let first: [OfflinePlan.Call]

    private struct Step: Sendable {
        /// Words of the description of a tool that takes the step. Without prepositions, so that no word of them is
        /// taken for a text argument.
        let words: String
        /// Whether the step is about what earlier results name.
        var follows = false
    }

    private let subject: OfflineSubject
    private let steps: [Step]
    private let tools: [ModelTool]
    private let index: ToolIndex

    /// nil when the question is not about trouble, or when no tool takes a first step.
    ///
    /// - Parameters:
    ///   - tools: the tools that the asker may use.
    ///   - index: over these tools and others.
    init?(_ question: String, tools: [ModelTool], index: ToolIndex) {
        let stems = Set(SearchTerms.words(question).map(SearchTerms.stem))
        guard let kind = Self.kinds.first(where: { !$0.symptoms.isDisjoint(with: stems) }) else { return nil }
        let reading = tools.filter { $0.definition.annotations.readOnly == true }
        let subject = OfflineSubject(of: question, symptoms: Self.symptoms, tools: reading.map(\.definition))
        guard subject.isInTrouble else { return nil }
        (self.subject, self.steps, self.tools, self.index) = (subject, kind.steps, reading, index)
        first = Self.calls(kind.steps.filter { !$0.follows }, subject, reading, index, without: [])
        if first.isEmpty { return nil }
    }

    /// The names that tools have for what such a question may be about, sorted.
    var names: [String] { subject.names.sorted() }

    /// The calls of the last steps, and what they are about when the results name something else than the question
    /// does.
    ///
    /// - Parameter results: those of ``first``, others are ignored.
    func next(after results: [ModelToolResult]) -> (calls: [OfflinePlan.Call], about: String?) {
        let found = first.compactMap { firstName(for: $0, in: results) }.first
        var followed = subject
        if let found { followed.text = found }
        let calls = Self.calls(
            steps.filter(\.follows), followed, tools, index, without: Set(first.map(\.tool.definition.name)))
        return (calls, found == subject.text ? nil : found)
    }

    private static func calls(
        _ steps: [Step], _ subject: OfflineSubject, _ tools: [ModelTool], _ index: ToolIndex,
        without used: Set<ToolName>
    ) -> [OfflinePlan.Call] {
        let byName = Dictionary(tools.map { ($0.definition.name, $0) }, uniquingKeysWith: { first, _ in first })
        let mustAccept = tools.contains { subject.argument(of: $0.definition) != nil }
        var used = used
        var calls: [OfflinePlan.Call] = []
        for step in steps {
            // What no tool accepts as an argument may be a word of a tool's description: "why is the database slow?"
            let words = mustAccept ? step.words : "\(step.words) \(subject.text ?? "")"
            for match in index.search(words, limit: .max) where match.score >= OfflineModel.threshold {
                guard let tool = byName[match.tool.name], !used.contains(match.tool.name),
                    let values = Self.arguments(of: tool.definition, step, subject, mustAccept: mustAccept)
                else { continue }
                used.insert(match.tool.name)
                calls.append(OfflinePlan.Call(tool: tool, arguments: values))
                break
            }
        }
        return calls
    }

    /// nil when the tool does not accept the subject, or requires more than the step tells.
    private static func arguments(
        of tool: ToolDefinition, _ step: Step, _ subject: OfflineSubject, mustAccept: Bool
    ) -> JSONObject? {
        let argument = subject.argument(of: tool)
        if mustAccept, argument == nil { return nil }
        let arguments = OfflineArguments(for: tool, from: step.words)
        guard arguments.missing.allSatisfy({ $0.name == argument?.name }) else { return nil }
        var values = arguments.values
        if let argument { values[argument.name] = argument.value }
        return values
    }

    private func firstName(for call: OfflinePlan.Call, in results: [ModelToolResult]) -> String? {
        guard let answer = results.first(where: { $0.tool == call.tool.definition.name }), !answer.result.isError,
            let structured = answer.result.structured
        else { return nil }
        return firstName(in: structured)
    }

    /// The first string in the value that is a name of the same kind as the subject.
    private func firstName(in value: JSONValue) -> String? {
        switch value {
        case .string(let text): return subject.names.contains(text) ? text : nil
        case .array(let elements): return elements.lazy.compactMap { firstName(in: $0) }.first
        case .object(let members): return members.values.lazy.compactMap { firstName(in: $0) }.first
        default: return nil
        }
    }

    private static let kinds: [(symptoms: Set<String>, steps: [Step])] = [
        (
            ["slow", "slower", "slowly", "sluggish", "latency", "lag", "lagg", "long", "hang", "timeout"],
            [
                Step(words: "service health latency"), Step(words: "open incidents outages"),
                Step(words: "deploys releases rollouts", follows: true),
                Step(words: "top queries, slowest first", follows: true),
            ]
        ),
        (
            [
                "fail", "failure", "down", "broken", "break", "error", "crash", "crashe", "unhealth", "degrad",
                "outage",
                "unavailable", "unreachable", "wrong",
            ],
            [
                Step(words: "service health latency"), Step(words: "open incidents outages"),
                Step(words: "deploys releases rollouts", follows: true),
                Step(words: "error log messages", follows: true),
            ]
        ),
    ]

    /// Whether the text has no other words than symptoms, as the second half of "why is it slow and failing".
    static func isSymptoms(_ text: String) -> Bool { SearchTerms.of(text).allSatisfy(symptoms.contains) }

    private static let symptoms = kinds.reduce(into: Set<String>()) { $0.formUnion($1.symptoms) }
}
