import Foundation

/// Stands in where there is no network: finds the tool whose words fit the question, fills its arguments from the text,
/// answers with the result, and says plainly that no language model was used. The same text gives the same answer; it
/// costs nothing.
package struct OfflineModel: ModelClient {
    /// The name in the record.
    package static let name = "offline"
    /// Below this score a tool shares a word with the question by accident.
    static let threshold = 1.6
    /// A forbidden tool must fit this much better than the best allowed one before the question is refused for it.
    static let clearly = 1.25

    package init() {}

    package func turn(
        _ request: ModelRequest, hear: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        try Task.checkCancellation()
        if case .toolResults(let results) = request.messages.last {
            return await say(Self.report(results), hear)
        }
        let question = Self.question(in: request.messages)
        let allowed = ToolIndex(request.tools.map(\.definition))
        let forbidden = ToolIndex(request.withheld.map(\.definition))
        var calls: [ModelToolCall] = []
        var needs: [String] = []
        for step in OfflineSteps.split(question) {
            let best = allowed.search(step, limit: 1).first
            if let tool = Self.refused(forbidden.search(step, limit: 1).first, best: best, in: request) {
                return Self.turn(text: "", calls: [], stop: .withheld(tool))
            }
            guard let best, best.score >= Self.threshold else { continue }
            let arguments = OfflineArguments(for: best.tool, from: step)
            guard arguments.missing.isEmpty else {
                needs.append(Self.need(best.tool, arguments.missing))
                continue
            }
            guard let wireName = request.tools.first(where: { $0.definition.name == best.tool.name })?.wireName,
                !calls.contains(where: { $0.wireName == wireName })
            else { continue }
            calls.append(
                ModelToolCall(
                    id: "offline_\(request.messages.count)_\(calls.count + 1)", wireName: wireName,
                    input: .object(arguments.values)))
        }
        guard calls.isEmpty || !request.mayCallTools else {
            return Self.turn(text: "", calls: calls, stop: .toolUse)
        }
        return await say(needs.isEmpty ? Self.nothingFits(question, allowed) : needs.joined(separator: "\n\n"), hear)
    }

    private func say(
        _ text: String, _ hear: @escaping @Sendable (ModelDelta) async -> Void
    ) async -> ModelTurn {
        let whole = "\(text)\n\n_No language model was used: the tool was chosen by its words._"
        await hear(.text(whole))
        return Self.turn(text: whole, calls: [], stop: .endTurn)
    }

    private static func turn(text: String, calls: [ModelToolCall], stop: ModelTurn.Stop) -> ModelTurn {
        var blocks: [JSONValue] = text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
        blocks += calls.map {
            ["type": "tool_use", "id": .string($0.id), "name": .string($0.wireName), "input": $0.input ?? [:]]
        }
        return ModelTurn(
            rawBlocks: blocks.map { $0.text() }, text: text, calls: calls, stop: stop, usage: TokenUsage(), model: name)
    }

    /// The person's own words: the newest user message without the context that the prompt adds.
    private static func question(in messages: [ModelMessage]) -> String {
        let texts = messages.compactMap { if case .user(let text) = $0 { text } else { nil } }
        let text = texts.last ?? ""
        return text.range(of: "\n\n<context>").map { String(text[..<$0.lowerBound]) } ?? text
    }

    private static func refused(
        _ forbidden: ToolIndex.Match?, best: ToolIndex.Match?, in request: ModelRequest
    ) -> WithheldTool? {
        guard let forbidden, forbidden.score >= threshold, forbidden.score > clearly * (best?.score ?? 0) else {
            return nil
        }
        return request.withheld.first { $0.definition.name == forbidden.tool.name }
    }

    private static func report(_ results: [ModelToolResult]) -> String {
        results.map { result in
            let heading = result.tool.map { "**\($0)**\n\n" } ?? ""
            let failed = result.result.isError ? "It failed: " : ""
            return "\(heading)\(failed)\(result.result.text)"
        }.joined(separator: "\n\n")
    }

    private static func need(_ tool: ToolDefinition, _ missing: [(name: String, description: String)]) -> String {
        let names = missing.map { $0.description.isEmpty ? "`\($0.name)`" : "`\($0.name)` (\($0.description))" }
        return "To use \(tool.name) I need \(names.joined(separator: " and ")). Please ask again and name it."
    }

    private static func nothingFits(_ question: String, _ index: ToolIndex) -> String {
        let nearest = index.search(question, limit: 3)
        guard !nearest.isEmpty else { return "Nothing that I can do fits this question." }
        let names = nearest.map { "- \($0.tool.name): \($0.tool.description.prefix(120))" }
        return "Nothing that I can do fits this question. The nearest:\n\n\(names.joined(separator: "\n"))"
    }
}
