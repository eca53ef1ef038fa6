import Logging

/// Runs the tool calls of one model turn, at most ``AnswerLimits/parallelTools`` concurrently, each under both the
/// rights at the question's start and those in force now.
struct ToolRunner: Sendable {
    let registry: ToolRegistry
    let journal: any StepJournal
    /// Called before each call, so that a right that was removed since the question started has no effect any more.
    let currentRights: CurrentRights
    let logger: Logger

    /// Receives the events of an answer; the answer continues when it returns.
    typealias EventHandler = @Sendable (AnswerEvent) async -> Void
    /// `activity` is nil for a call that was neither sent nor denied.
    typealias CallResult = (activity: ToolActivity?, result: ModelToolResult)

    /// Returns one result for each call, in the order of the calls. Calls whose results are in `known` (from the
    /// journal of an earlier attempt) are not made again. When the task is cancelled, running calls have a result and
    /// calls that had not started have none.
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

    /// The ids of the calls in the journal: a provider may use one id for two calls of a turn, so that a repeated id
    /// gets a suffix.
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
            // The tool is not in the catalogue any more, so that it is unknown whether the call may be repeated.
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
            // After a crash the journal would not show that the call was sent, and the next attempt would repeat it.
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

    /// The result of a call that an earlier attempt may have sent and that is not repeatable: the outcome `unknown`,
    /// with the instruction to the model not to repeat it.
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

    /// The stricter verdict of the rights at the start and those in force now. The caller treats `ask` as a denial.
    private func verdict(on tool: ToolDefinition, arguments: JSONValue, for state: AnswerState) async -> Verdict {
        await JointRights(of: state.question, under: state.snapshot.policy, current: currentRights)
            .verdict(on: tool, arguments: arguments)
    }

    /// An error result of Omni's own, for a call that was not made.
    private func answer(_ call: ModelToolCall, _ text: String) -> ModelToolResult {
        ModelToolResult(callID: call.id, result: .text(text, isError: true))
    }

    /// Makes the call. Always returns a result, trimmed to `limit`; an error becomes an error result.
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

    /// The first 300 characters as one line, for the audit log.
    private static func line(_ text: String) -> String {
        text.prefix(300).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// Appends a step; false when it could not be stored, which is logged unless the task was cancelled.
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
