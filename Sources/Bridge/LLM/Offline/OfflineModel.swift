import Foundation

/// A substitute for a language model, for use without network: finds the tool whose description fits the question,
/// fills its arguments from the text, answers with the result, and states that no language model was used.
/// Deterministic, and its cost is 0.
package struct OfflineModel: ModelClient {
    /// The model's name in turns, prices and the audit log.
    package static let name = "offline"
    /// The lowest score with which a tool fits a question; with a lower one they share words by chance.
    static let threshold = 1.6
    /// A question is refused when the score of a denied tool is more than this many times that of the best allowed one.
    static let clearly = 1.25

    package init() {}

    /// Calls the tools that fit; when the last message has results, reports them. See ``ModelClient/turn(_:onDelta:)``.
    package func turn(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        try Task.checkCancellation()
        let question = Self.question(in: request.messages)
        if let greeting = OfflineGreeting.answer(to: question, tools: request.tools.map(\.definition)) {
            return await answer(greeting, onDelta)
        }
        let plan = OfflinePlan(question, tools: request.tools, withheld: request.withheld)
        if case .toolResults(let results) = request.messages.last {
            return await answer(([Self.report(results)] + plan.needs).joined(separator: "\n\n"), onDelta)
        }
        if let refused = plan.refused { return Self.turn(text: "", calls: [], stop: .withheld(refused)) }
        guard plan.calls.isEmpty || !request.mayCallTools else {
            let calls = plan.calls.enumerated().map { number, call in
                ModelToolCall(
                    id: "offline_\(request.messages.count)_\(number + 1)", wireName: call.tool.wireName,
                    input: .object(call.arguments))
            }
            return Self.turn(text: "", calls: calls, stop: .toolUse)
        }
        return await answer(
            plan.needs.isEmpty ? Self.nothingFits(plan.nearest(to: question, 3)) : plan.needs.joined(separator: "\n\n"),
            onDelta)
    }

    private func answer(
        _ text: String, _ onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async -> ModelTurn {
        let whole = "\(text)\n\n_No language model was used: the tool was chosen by its words._"
        await onDelta(.text(whole))
        return Self.turn(text: whole, calls: [], stop: .endTurn)
    }

    private static func turn(text: String, calls: [ModelToolCall], stop: ModelTurn.Stop) -> ModelTurn {
        ModelTurn(
            provider: name, rawBlocks: [], text: text, calls: calls, stop: stop, usage: TokenUsage(), model: name)
    }

    /// The user's question: the newest user message without what others wrote, which stands before it, and without the
    /// context that the prompt appends.
    private static func question(in messages: [ModelMessage]) -> String {
        let texts = messages.compactMap { if case .user(let text) = $0 { text } else { nil } }
        let whole = texts.last ?? ""
        let quotes = whole.range(of: UntrustedText.quoteEnd, options: .backwards)
        let text = quotes.map { whole[$0.upperBound...].trimmingCharacters(in: .newlines) } ?? whole
        let context = text.range(of: "\n\n<context>", options: .backwards)
        return context.map { String(text[..<$0.lowerBound]) } ?? text
    }

    private static func report(_ results: [ModelToolResult]) -> String {
        results.map { result in
            let heading = result.tool.map { "**\($0)**\n\n" } ?? ""
            let failed = result.result.isError ? "It failed: " : ""
            return "\(heading)\(failed)\(result.result.text)"
        }.joined(separator: "\n\n")
    }

    private static func nothingFits(_ nearest: [ToolDefinition]) -> String {
        guard !nearest.isEmpty else { return "Nothing that I can do fits this question." }
        let names = nearest.map { "- \($0.name): \($0.description.prefix(120))" }
        return "Nothing that I can do fits this question. The nearest:\n\n\(names.joined(separator: "\n"))"
    }
}
