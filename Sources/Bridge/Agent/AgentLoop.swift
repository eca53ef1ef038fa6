import Logging

/// Lets model and tools take turns until there is an answer or a bound is reached.
struct AgentLoop: Sendable {
    let model: any ModelClient
    let tools: ToolRunner
    let journal: any StepJournal
    let logger: Logger

    typealias Tell = ToolRunner.Tell

    /// Runs to the end. `progress` is charged as it goes, so that whoever catches a throw knows what was used.
    func run(
        _ messages: [ModelMessage], progress: inout AnswerProgress, tell: @escaping Tell
    ) async throws -> Ending {
        let settings = progress.snapshot.model
        let (offered, withheld) = progress.offer()
        var request = ModelRequest(
            model: settings.model, maxTokens: settings.maxTokens,
            system: PromptBuilder.system(for: progress.question.asker, instructions: settings.instructions),
            tools: offered, withheld: withheld, messages: messages)
        var nudged = false
        let iterations = max(1, settings.maxIterations)
        for iteration in 1...iterations {
            request.mayCallTools = iteration < iterations
            await tell(.status(iteration == 1 ? "is thinking" : "is reading the results"))
            let turn = try await self.turn(request, progress: &progress, tell: tell)
            if !turn.calls.isEmpty, turn.stop != .maxTokens, request.mayCallTools {
                if !turn.text.isEmpty { await tell(.textWithdrawn) }
                request.messages.append(.turn(turn))
                request.messages.append(.toolResults(try await results(of: turn, progress: &progress, tell: tell)))
                continue
            }
            switch next(after: turn, isLast: !request.mayCallTools && iterations > 1, nudged: nudged) {
            case .answer(let warning):
                return .answered(Answer(text: turn.text, warning: warning, usage: progress.usage))
            case .refuse(let withheld):
                return .refused(refusal(withheld, progress))
            case .fail(let error):
                throw error
            case .goOn:
                request.messages.append(.turn(turn))
            case .nudge:
                // An empty turn sent again unchanged stays empty; a further user turn helps (Anthropic, stop reasons).
                nudged = true
                request.messages.append(.user("Please answer now with what you have."))
            case .moreRoom:
                nudged = true
                await tell(.textWithdrawn)
                request.maxTokens *= 2
            }
        }
        throw BridgeError(
            .modelRejected, "The model came to no answer within \(iterations) turns.",
            hint: "Ask again in smaller steps.")
    }

    private func turn(
        _ request: ModelRequest, progress: inout AnswerProgress, tell: @escaping Tell
    ) async throws -> ModelTurn {
        let turn = try await model.turn(request) { delta in
            switch delta {
            case .text(let text): await tell(.text(text))
            case .thinking(let text):
                if !text.isEmpty { await tell(.status("is thinking")) }
            case .restarted: await tell(.textWithdrawn)
            case .retrying(_, let wait, let reason):
                await tell(.status("waits \(wait.formatted(.units(allowed: [.seconds], width: .narrow))): \(reason)"))
            }
        }
        progress.charge(turn)
        do {
            try await journal.append(.modelTurn(turn), to: progress.question.id)
        } catch {
            try Task.checkCancellation()
            logger.warning(
                "A step could not be stored.",
                metadata: ["question": "\(progress.question.id)", "error": "\(error)"])
        }
        return turn
    }

    private func results(
        of turn: ModelTurn, progress: inout AnswerProgress, tell: @escaping Tell
    ) async throws -> [ModelToolResult] {
        let results = try await tools.run(turn.calls, for: progress, tell: tell)
        progress.usage.calls += results.compactMap(\.activity)
        return results.map(\.result)
    }

    private enum Next {
        case answer(AnswerWarning?)
        case refuse(WithheldTool)
        case fail(BridgeError)
        case goOn
        case nudge
        case moreRoom
    }

    /// What a turn without calls to run means.
    private func next(after turn: ModelTurn, isLast: Bool, nudged: Bool) -> Next {
        switch turn.stop {
        case .withheld(let tool): return .refuse(tool)
        case .pauseTurn: return .goOn
        case .refusal:
            return .fail(
                BridgeError(.modelRefused, "The model declined to answer this question.", hint: "Ask it differently."))
        case .contextExceeded:
            return .fail(
                BridgeError(
                    .contextTooLong, "The conversation no longer fits the model.", hint: "Start a new thread."))
        case .maxTokens where !turn.calls.isEmpty || turn.text.isEmpty:
            // Cut inside a call: its input is incomplete and must not run.
            return nudged
                ? .fail(BridgeError(.modelRejected, "The model's turn was cut off.", hint: "Ask for less at once."))
                : .moreRoom
        case .maxTokens: return .answer(.truncated)
        case .endTurn, .toolUse, .stopSequence, .unknown:
            guard turn.text.isEmpty else { return .answer(isLast ? .maxIterations : nil) }
            return nudged
                ? .fail(BridgeError(.modelRejected, "The model gave an empty answer.", hint: "Ask again."))
                : .nudge
        }
    }

    private func refusal(_ tool: WithheldTool, _ progress: AnswerProgress) -> Refusal {
        Refusal(
            message: "That needs \(tool.definition.name), and \(tool.verdict.reason).",
            rule: "\(tool.verdict.rule)", usage: progress.usage)
    }
}
