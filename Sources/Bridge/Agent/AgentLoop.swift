import Logging

/// Alternates between model turns and tool calls until the model answers or a limit is reached.
struct AgentLoop: Sendable {
    let model: any ModelClient
    let tools: ToolRunner
    let journal: any StepJournal
    let logger: Logger

    /// Receives the events of an answer; the answer continues when it returns.
    typealias EventHandler = ToolRunner.EventHandler

    /// Runs until the outcome, taking the turns and results of an earlier attempt from `replay` first. `state.usage` is
    /// updated at each step, so that it is valid also when this throws. Throws ``BridgeError`` or `CancellationError`.
    func run(
        _ messages: [ModelMessage], after replay: Replay, state: inout AnswerState, onEvent: @escaping EventHandler
    ) async throws -> AnswerResult {
        var replay = replay
        let settings = state.snapshot.model
        var request = Self.request(messages, state)
        // The text that `onEvent` got since the last tool call; that of a paused turn continues in the next.
        var said = ""
        var retries = NextStep.Retries()
        let iterations = max(1, settings.maxIterations)
        for iteration in 1...iterations {
            try Task.checkCancellation()
            request.mayCallTools = iteration < iterations
            let earlier = replay.next()
            let turn = try await self.turn(&request, after: earlier, isFirst: iteration == 1, &state, onEvent)
            said += turn.text
            let isLast = iterations > 1 && iteration == iterations
            switch NextStep(of: turn, in: request, said: said, isLast: isLast, retries: &retries) {
            case .runCalls:
                await narrate(&said, onEvent)
                request.messages.append(.turn(turn))
                switch try await results(of: turn, known: earlier?.calls ?? Replay.Calls(), &state, onEvent) {
                case .results(let results): request.messages.append(.toolResults(results))
                case .waiting(let wait): return .waiting(wait)
                }
            case .answer(let warning):
                return .ended(.answered(state.answer(said, warning)))
            case .refuse(let tool):
                return .ended(.refused(refusal(tool, state)))
            case .fail(let error):
                await withdraw(&said, onEvent)
                throw error
            case .goOn:
                request.messages.append(.turn(turn))
            case .nudge:
                request.messages.append(.user("Please answer now with what you have."))
            case .moreRoom(let maxTokens):
                await withdraw(&said, onEvent)
                request.maxTokens = maxTokens
            }
        }
        await withdraw(&said, onEvent)
        throw BridgeError(
            .modelRejected, "The model came to no answer within \(iterations) turns.",
            hint: "Ask again in smaller steps.")
    }

    /// The first request, with the tools that the asker may use.
    private static func request(_ messages: [ModelMessage], _ state: AnswerState) -> ModelRequest {
        let settings = state.snapshot.model
        let (offered, withheld) = state.offer()
        var request = ModelRequest(
            model: settings.model, maxTokens: settings.maxTokens,
            system: PromptBuilder.system(
                for: state.question.asker, instructions: settings.instructions, voice: state.snapshot.voice),
            tools: offered, withheld: withheld, messages: messages)
        request.deadline = state.deadline
        return request
    }

    private func narrate(_ said: inout String, _ onEvent: EventHandler) async {
        guard !said.isBlank else { return await withdraw(&said, onEvent) }
        await onEvent(.narration(said))
        said = ""
    }

    private func withdraw(_ said: inout String, _ onEvent: EventHandler) async {
        guard !said.isEmpty else { return }
        said = ""
        await onEvent(.textWithdrawn)
    }

    /// The next model turn: that of the earlier attempt, or a new one, which is appended to the journal. A failure of
    /// the journal is logged and ignored.
    private func turn(
        _ request: inout ModelRequest, after earlier: Replay.Turn?, isFirst: Bool, _ state: inout AnswerState,
        _ onEvent: @escaping EventHandler
    ) async throws -> ModelTurn {
        if let turn = earlier?.turn {
            state.charge(turn)
            if !turn.text.isEmpty { await onEvent(.text(turn.text)) }
            return turn
        }
        await onEvent(.status(isFirst ? "is thinking" : "is reading the results"))
        let turn = try await ask(&request, &state, onEvent)
        state.charge(turn)
        do {
            try await journal.append(.modelTurn(turn), to: state.question.id)
            Failpoint.turnEnded.reach()
        } catch {
            try Task.checkCancellation()
            logger.warning(
                "A step could not be stored.",
                metadata: ["question": "\(state.question.id)", "error": "\(error)"])
        }
        return turn
    }

    /// The most parts that a provider may refuse of one request.
    private static let mostRefusals = 40

    /// Requests one turn of the model; when the provider refuses a tool or an image, again without it. `request` has
    /// lost that part then.
    private func ask(
        _ request: inout ModelRequest, _ state: inout AnswerState, _ onEvent: @escaping EventHandler
    ) async throws -> ModelTurn {
        for _ in 0..<Self.mostRefusals {
            do {
                return try await askOnce(request, &state, onEvent)
            } catch let error as BridgeError {
                guard let part = error.refused, leave(part, outOf: &request, error) else { throw error }
            }
        }
        return try await askOnce(request, &state, onEvent)
    }

    /// Removes a part that the provider refused; false when the request has no such part.
    private func leave(_ part: RefusedPart, outOf request: inout ModelRequest, _ error: BridgeError) -> Bool {
        switch part {
        case .tool(let wireName):
            guard let index = request.tools.firstIndex(where: { $0.wireName == wireName }) else { return false }
            let tool = request.tools.remove(at: index).definition
            tools.path.registry.refused(tool)
            logger.warning(
                "The model's provider refuses a tool; it is not offered to the model any more.",
                metadata: ["tool": "\(tool.name)", "cause": "\(error.cause ?? "")"])
            return true
        case .image:
            guard request.describeNewestImages() else { return false }
            logger.warning(
                "The model's provider refuses an image; the model is told that there is one.",
                metadata: ["cause": "\(error.cause ?? "")"])
            return true
        }
    }

    /// The provider bills a turn that fails or is cancelled too: its tokens are charged before the error is rethrown.
    private func askOnce(
        _ request: ModelRequest, _ state: inout AnswerState, _ onEvent: @escaping EventHandler
    ) async throws -> ModelTurn {
        do {
            return try await model.turn(request) { delta in
                switch delta {
                case .text(let text): await onEvent(.text(text))
                case .thinking(let text):
                    if !text.isEmpty { await onEvent(.status("is thinking")) }
                case .restarted: await onEvent(.textWithdrawn)
                case .retrying(_, let wait, let reason) where wait == .zero:
                    await onEvent(.status("goes on: \(reason)"))
                case .retrying(_, let wait, let reason):
                    // Rounded up, so that no wait is said to be none.
                    let seconds: Double = wait / .seconds(1)
                    await onEvent(.status("waits \(Int(seconds.rounded(.up))) s: \(reason)"))
                }
            }
        } catch let error as BridgeError {
            state.charge(broken: error.spent)
            throw error
        }
    }

    /// Runs the calls of a turn. When the task was cancelled, throws after the calls made until then were added to the
    /// usage: they may have taken effect, and the audit log must contain them.
    private func results(
        of turn: ModelTurn, known: Replay.Calls, _ state: inout AnswerState, _ onEvent: @escaping EventHandler
    ) async throws -> TurnResults {
        var results: [ModelToolResult] = []
        var wait: Wait?
        for result in await tools.run(turn.calls, known: known, for: state, onEvent: onEvent) {
            switch result {
            case .ended(let activity, let result):
                if let activity {
                    state.usage.calls.append(activity)
                    state.files.add(result.result, of: activity.name)
                }
                results.append(result.forModel)
            // Of several calls that wait, the first; the others are made again, and wait, when it was answered.
            case .waiting(let request, let callID): wait = wait ?? state.wait(for: request, callID: callID)
            }
        }
        try Task.checkCancellation()
        return wait.map { .waiting($0) } ?? .results(results)
    }

    private enum TurnResults {
        case results([ModelToolResult])
        case waiting(Wait)
    }

    private func refusal(_ tool: WithheldTool, _ state: AnswerState) -> Refusal {
        Refusal(
            message: "That needs \(tool.definition.name), and \(tool.verdict.reason).",
            rule: "\(tool.verdict.rule)", usage: state.usage)
    }
}
