import Logging

/// Runs the tool calls of one model turn: each under the rights at the question's start and those in force now, several
/// at a time, and whatever happens with one result for each call.
struct ToolRunner: Sendable {
    let registry: ToolRegistry
    let journal: any StepJournal
    /// A right that was taken away since the question started, by a rule or from the asker, counts at once.
    let currentRights: CurrentRights
    let logger: Logger

    typealias EventHandler = @Sendable (AnswerEvent) async -> Void
    typealias CallResult = (activity: ToolActivity?, result: ModelToolResult)

    /// Results in the order of the calls; what an earlier attempt knows of them is not done again. When the task is cancelled, calls that were under way are there with what is
    /// known of them, and those that had not begun are missing.
    func run(
        _ calls: [ModelToolCall], known: [String: Replay.Call], for state: AnswerState, onEvent: @escaping EventHandler
    ) async -> [CallResult] {
        let ids = Self.ids(of: calls)
        return await withTaskGroup(of: (Int, ToolActivity?, ModelToolResult).self) { group in
            var results: [CallResult?] = Array(repeating: nil, count: calls.count)
            var next = 0
            func start() {
                let index = next
                let (call, id) = (calls[index], ids[index])
                next += 1
                group.addTask {
                    let (activity, result) = await run(call, id: id, known[id], for: state, onEvent: onEvent)
                    return (index, activity, result)
                }
            }
            while next < min(calls.count, max(1, state.snapshot.limits.parallelTools)) { start() }
            while let (index, activity, result) = await group.next() {
                results[index] = (activity, result)
                if next < calls.count, !Task.isCancelled { start() }
            }
            return results.compactMap { $0 }
        }
    }

    /// A provider may give one id to two calls of a turn; the journal must tell them apart.
    static func ids(of calls: [ModelToolCall]) -> [String] {
        var seen: [String: Int] = [:]
        return calls.map { call in
            seen[call.id, default: 0] += 1
            return seen[call.id] == 1 ? call.id : "\(call.id)#\(seen[call.id, default: 0])"
        }
    }

    private func run(
        _ call: ModelToolCall, id: String, _ known: Replay.Call?, for state: AnswerState,
        onEvent: @escaping EventHandler
    ) async -> CallResult {
        if case .finished(let activity, let result) = known {
            await onEvent(.toolFinished(activity))
            return (activity, ModelToolResult(callID: call.id, tool: activity.name, result: result))
        }
        guard !Task.isCancelled else { return (nil, answer(call, "The call was not made.")) }
        guard let name = state.names.tool(named: call.wireName), let tool = state.catalogue[name] else {
            // Its server is gone since, and with it what it said of itself.
            if case .started(let before) = known { return await doubtful(before, call, state, onEvent) }
            return (
                nil, answer(call, "There is no tool named \(call.wireName.prefix(80)). Use only the tools offered.")
            )
        }
        guard let input = call.input, input.object != nil else {
            return (nil, answer(call, "The input was not a JSON object, so nothing was called. Call again."))
        }
        let verdict = await verdict(on: tool, arguments: input, for: state)
        var activity = ToolActivity(id: id, name: name, arguments: input, verdict: verdict)
        if case .started(let before) = known, !tool.isRepeatable {
            return await doubtful(before, call, state, onEvent)
        }
        guard verdict.isAllowed else {
            activity.outcome = .denied
            activity.error = verdict.reason
            BridgeMetrics.toolCall(activity)
            await onEvent(.toolFinished(activity))
            return (activity, answer(call, "Refused: \(verdict.reason). Do not try it again; tell the asker."))
        }
        guard await journal(.toolStarted(activity), state) || tool.isRepeatable else {
            // After a crash nobody would know that it ran, and it would run again.
            return (nil, answer(call, "The call could not be noted down, so it was not made. Tell the asker."))
        }
        Failpoint.callStored.reach()
        await onEvent(.toolStarted(activity))
        let (finished, result) = await callTool(activity, limit: state.snapshot.limits.resultCharacters)
        Failpoint.callMade.reach()
        await journal(.toolResult(finished, result), state)
        Failpoint.resultStored.reach()
        BridgeMetrics.toolCall(finished)
        await onEvent(.toolFinished(finished))
        return (finished, ModelToolResult(callID: call.id, tool: name, result: result))
    }

    /// A call that an earlier attempt may have sent and that may not be sent twice: its outcome stays unknown, and the
    /// model is told to say so.
    private func doubtful(
        _ before: ToolActivity, _ call: ModelToolCall, _ state: AnswerState, _ onEvent: EventHandler
    ) async -> CallResult {
        var activity = before
        activity.outcome = .unknown
        activity.error = "Omni was stopped during this call."
        let result = ToolResult.text(
            "Omni was stopped while \(activity.name) ran. It is not known whether it took effect; do not repeat it, "
                + "tell the asker to check.", isError: true)
        await journal(.toolResult(activity, result), state)
        BridgeMetrics.toolCall(activity)
        await onEvent(.toolFinished(activity))
        return (activity, ModelToolResult(callID: call.id, tool: activity.name, result: result))
    }

    /// Nobody can be asked yet, so an `ask` is a denial with its reason.
    private func verdict(on tool: ToolDefinition, arguments: JSONValue, for state: AnswerState) async -> Verdict {
        await JointRights(of: state.question, under: state.snapshot.policy, current: currentRights)
            .verdict(on: tool, arguments: arguments)
    }

    private func answer(_ call: ModelToolCall, _ text: String) -> ModelToolResult {
        ModelToolResult(callID: call.id, result: .text(text, isError: true))
    }

    private func callTool(_ started: ToolActivity, limit: Int) async -> (ToolActivity, ToolResult) {
        var activity = started
        let clock = ContinuousClock()
        let start = clock.now
        let result: ToolResult
        do {
            result = try await registry.call(activity.name, arguments: activity.arguments)
            activity.outcome = result.isError ? .failed : .succeeded
            if result.isError { activity.error = Self.line(result.text) }
            activity.resultBytes = result.text.utf8.count
        } catch {
            let failure = failure(error, of: activity)
            activity.outcome = failure.mayHaveHappened ? .unknown : .failed
            activity.error = Self.line(failure.message)
            let doubt = failure.mayHaveHappened ? " It is not known whether it took effect; do not repeat it." : ""
            result = .text("\(failure.message)\(doubt)", isError: true)
        }
        activity.milliseconds = Int((clock.now - start) / .milliseconds(1))
        return (activity, ResultTrim.trim(result, to: limit))
    }

    private func failure(_ error: any Error, of call: ToolActivity) -> ToolCallError {
        if let error = error as? ToolCallError { return error }
        if error is CancellationError { return ToolCallError("The call was broken off.", mayHaveHappened: true) }
        logger.error("A tool call broke.", metadata: ["tool": "\(call.name)", "error": "\(String(reflecting: error))"])
        return ToolCallError("The call broke inside this program.", mayHaveHappened: true)
    }

    /// One line of at most 300 characters, as the record keeps it.
    private static func line(_ text: String) -> String {
        text.prefix(300).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// False when the step could not be stored. What is harmless twice goes on all the same; it costs a resumption.
    @discardableResult
    private func journal(_ step: QuestionStep, _ state: AnswerState) async -> Bool {
        do {
            try await journal.append(step, to: state.question.id)
            return true
        } catch {
            guard !Task.isCancelled else { return false }
            logger.warning(
                "A step could not be stored.",
                metadata: ["question": "\(state.question.id)", "error": "\(error)"])
            return false
        }
    }
}
