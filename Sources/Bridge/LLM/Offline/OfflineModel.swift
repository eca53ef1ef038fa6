import Foundation

/// A substitute for a language model, for use without network: finds the tool whose description fits the question,
/// fills its arguments from the text, answers with the result, and states that no language model was used. A question
/// about trouble gets the steps of ``OfflinePlaybook``, a greeting the text of ``OfflineHelp``. Deterministic, and its
/// cost is 0.
package struct OfflineModel: ModelClient {
    /// The model's name in turns, prices and the audit log.
    package static let name = "offline"
    /// The lowest score with which a tool fits a question; with a lower one they share words by chance.
    static let threshold = 1.6
    /// A question is refused when the score of a denied tool is more than this many times that of the best allowed one.
    static let clearly = 1.7

    package init() {}

    /// Calls the tools that fit; when the last message has results, reports them. See ``ModelClient/turn(_:onDelta:)``.
    package func turn(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        try Task.checkCancellation()
        let question = Self.question(in: request.messages)
        if OfflineHelp.isAsked(by: question) {
            return await answer(
                OfflineHelp.answer(to: question, tools: request.tools), onDelta,
                how: "this is made of the descriptions of your tools")
        }
        let plan = OfflinePlan(question, tools: request.tools, withheld: request.withheld)
        let rounds = Self.results(in: request.messages)
        if let results = rounds.first { return await turn(request, plan, after: results, rounds, onDelta) }
        if let refused = plan.refused { return Self.turn(text: "", calls: [], stop: .withheld(refused)) }
        guard plan.calls.isEmpty || !request.mayCallTools else { return Self.turn(plan.calls, in: request) }
        let nearest = plan.nearest(to: question, 3)
        return await answer(
            plan.needs.isEmpty ? Self.nothingFits(nearest) : plan.needs.joined(separator: "\n\n"), onDelta)
    }

    /// The turn after results: the last calls of the plan's playbook, or the answer.
    private func turn(
        _ request: ModelRequest, _ plan: OfflinePlan, after first: [ModelToolResult], _ rounds: [[ModelToolResult]],
        _ onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async -> ModelTurn {
        let next = plan.playbook?.next(after: first)
        if let next, rounds.count == 1, request.mayCallTools, !next.calls.isEmpty {
            return Self.turn(next.calls, in: request)
        }
        var parts = [Self.report(first)]
        if rounds.count > 1 {
            if let about = next?.about { parts.append("These results name **\(about)** first. About it:") }
            parts += rounds.dropFirst().map(Self.report)
        }
        return await answer(
            (parts + plan.needs).joined(separator: "\n\n"), onDelta,
            how: plan.playbook == nil
                ? "the tool was chosen by its words"
                : "these are the steps of a fixed list; what follows from them is yours to judge")
    }

    private func answer(
        _ text: String, _ onDelta: @escaping @Sendable (ModelDelta) async -> Void,
        how: String = "the tool was chosen by its words"
    ) async -> ModelTurn {
        let whole = "\(text)\n\n_No language model was used: \(how)._"
        await onDelta(.text(whole))
        return Self.turn(text: whole, calls: [], stop: .endTurn)
    }

    private static func turn(_ calls: [OfflinePlan.Call], in request: ModelRequest) -> ModelTurn {
        let calls = calls.enumerated().map { number, call in
            ModelToolCall(
                id: "offline_\(request.messages.count)_\(number + 1)", wireName: call.tool.wireName,
                input: .object(call.arguments))
        }
        return turn(text: "", calls: calls, stop: .toolUse)
    }

    private static func turn(text: String, calls: [ModelToolCall], stop: ModelTurn.Stop) -> ModelTurn {
        ModelTurn(
            provider: name, rawBlocks: [], text: text, calls: calls, stop: stop, usage: TokenUsage(), model: name)
    }

    /// The user's question: the newest user message without what others wrote and the attached files, which stand before
    /// it, and without the context that the prompt appends.
    private static func question(in messages: [ModelMessage]) -> String {
        let texts = messages.compactMap { if case .user(let text) = $0 { text } else { nil } }
        let whole = texts.last ?? ""
        let ends = UntrustedText.endsBeforeQuestion.compactMap { whole.range(of: $0, options: .backwards)?.upperBound }
        let text = ends.max().map { whole[$0...].trimmingCharacters(in: .newlines) } ?? whole
        let context = text.range(of: "\n\n<context>", options: .backwards)
        return context.map { String(text[..<$0.lowerBound]) } ?? text
    }

    /// The results of each turn with calls since the newest question.
    private static func results(in messages: [ModelMessage]) -> [[ModelToolResult]] {
        var rounds: [[ModelToolResult]] = []
        for message in messages {
            switch message {
            case .user: rounds = []
            case .toolResults(let results): rounds.append(results)
            case .assistant, .turn, .images: continue
            }
        }
        return rounds
    }

    private static func report(_ results: [ModelToolResult]) -> String {
        results.map { result in
            let heading = result.tool.map { "**\($0)**\n\n" } ?? ""
            let failed = result.result.isError ? "It failed: " : ""
            return "\(heading)\(failed)\(result.result.text)"
        }.joined(separator: "\n\n")
    }

    private static let more = "Ask \"help\" for what there is."

    private static func nothingFits(_ nearest: [ToolDefinition]) -> String {
        guard !nearest.isEmpty else { return "Nothing that I can do fits this question.\n\n\(more)" }
        let names = nearest.map { "- \($0.name): \($0.description.prefix(120))" }
        return "Nothing that I can do fits this question. The nearest:\n\n\(names.joined(separator: "\n"))\n\n"
            + more
    }
}
