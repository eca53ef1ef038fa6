/// Runs the tool calls of one model turn, at most ``AnswerLimits/parallelTools`` concurrently.
struct ToolRunner: Sendable {
    let path: ToolCallPath

    typealias EventHandler = ToolCallPath.EventHandler

    /// The end of one call of the turn.
    enum CallResult: Sendable {
        /// `activity` is nil for a call that was neither sent nor denied.
        case ended(ToolActivity?, ModelToolResult)
        /// The asker must answer before the call can be made.
        case waiting(InputRequest, callID: String)
    }

    /// Returns one result for each call, in the order of the calls. Calls whose results are in `known` (from the
    /// journal of an earlier attempt) are not made again. When the task is cancelled, running calls have a result and
    /// calls that had not started have none.
    func run(
        _ calls: [ModelToolCall], known: Replay.Calls, for state: AnswerState, onEvent: @escaping EventHandler
    ) async -> [CallResult] {
        let ids = Self.ids(of: calls)
        return await withTaskGroup(of: (Int, CallResult).self) { group in
            var results: [CallResult?] = Array(repeating: nil, count: calls.count)
            var next = 0
            func start() {
                let index = next
                let (call, id) = (calls[index], ids[index])
                next += 1
                group.addTask { (index, await run(call, id: id, known, for: state, onEvent: onEvent)) }
            }
            while next < min(calls.count, max(1, state.snapshot.limits.parallelTools)) { start() }
            while let (index, result) = await group.next() {
                results[index] = result
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
        _ call: ModelToolCall, id: String, _ known: Replay.Calls, for state: AnswerState,
        onEvent: @escaping EventHandler
    ) async -> CallResult {
        if case .finished(let activity, let result) = known[id] {
            await onEvent(.toolFinished(activity))
            return .ended(activity, ModelToolResult(callID: call.id, tool: activity.name, result: result))
        }
        guard !Task.isCancelled else { return answer(call, "The call was not made.") }
        guard let name = state.names.tool(named: call.wireName), let tool = state.catalogue[name] else {
            // The tool is not in the catalogue any more, so that it is unknown whether the call may be repeated.
            if case .started(let before) = known[id] {
                let doubtful = await path.doubtful(before, state.question, onEvent)
                return ended(call, doubtful)
            }
            return answer(call, "There is no tool named \(call.wireName.prefix(80)). Use only the tools offered.")
        }
        guard let input = call.input, input.object != nil else {
            return answer(call, "The input was not a JSON object, so nothing was called. Call again.")
        }
        let request = ToolCallPath.Request(id: id, tool: tool, arguments: input)
        switch await path.run(request, after: known, for: state.question, under: state.snapshot, onEvent: onEvent) {
        case .finished(let finished): return ended(call, finished)
        case .denied(let activity):
            let text = "Refused: \(activity.verdict.reason). Do not try it again; tell the asker."
            return answer(call, text, activity)
        case .invalid(let problem): return answer(call, "The input does not fit \(name): \(problem). Call again.")
        case .notStored:
            return answer(call, "The call could not be noted down, so it was not made. Tell the asker.")
        case .waiting(let request, let callID): return .waiting(request, callID: callID)
        }
    }

    private func ended(_ call: ModelToolCall, _ finished: ToolCallPath.Finished) -> CallResult {
        let result = ModelToolResult(callID: call.id, tool: finished.activity.name, result: finished.result)
        return .ended(finished.activity, result)
    }

    /// An error result of Omni's own, for a call that was not made.
    private func answer(_ call: ModelToolCall, _ text: String, _ activity: ToolActivity? = nil) -> CallResult {
        .ended(activity, ModelToolResult(callID: call.id, result: .text(text, isError: true)))
    }
}
