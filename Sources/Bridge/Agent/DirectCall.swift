/// Answers a question that names its tool, without a model: one call on the path of all calls.
struct DirectCall: Sendable {
    let path: ToolCallPath

    /// The id of the call in the journal.
    private static let callID = "direct_1"

    /// A denied call is a refusal. Failures: `not_found` (no such server or tool), `server_unavailable`, `bad_request`
    /// (the arguments do not match the schema), `store_unavailable` (the start of the call could not be stored),
    /// `tool_failed`, `internal_error`. The whole result of the call is the event `toolReturned`.
    func run(
        _ call: NamedToolCall, after replay: Replay, state: inout AnswerState,
        onEvent: @escaping ToolCallPath.EventHandler
    ) async throws -> AnswerResult {
        let (question, snapshot) = (state.question, state.snapshot)
        if snapshot.policy.mayUse(server: call.tool.server, question.asker, in: question.place) {
            await path.registry.settled(within: snapshot.limits.startingServers) { $0 == call.tool.server }
        }
        guard let tool = path.registry.catalogue[call.tool] else {
            if case .started(let before) = replay.direct[Self.callID] {
                return try end(await path.doubtful(before, question, onEvent), &state)
            }
            throw missing(call.tool)
        }
        let request = ToolCallPath.Request(
            id: Self.callID, tool: tool, arguments: call.arguments, isValidated: true)
        switch await path.run(request, after: replay.direct, for: question, under: snapshot, onEvent: onEvent) {
        case .finished(let finished):
            if let whole = finished.whole { await onEvent(.toolReturned(whole)) }
            return try end(finished, &state)
        case .denied(let activity):
            state.usage.calls = [activity]
            let message = "\(call.tool) may not be called: \(activity.verdict.reason)."
            return .ended(
                .refused(Refusal(message: message, rule: "\(activity.verdict.rule)", usage: state.usage)))
        case .invalid(let problem):
            throw BridgeError(.badRequest, "The arguments do not fit \(call.tool): \(problem).")
        case .notStored:
            throw BridgeError(
                .storeUnavailable, "The call could not be noted down, so it was not made.", hint: "Try again.")
        case .waiting(let request, let callID): return .waiting(state.wait(for: request, callID: callID))
        }
    }

    private func end(_ finished: ToolCallPath.Finished, _ state: inout AnswerState) throws -> AnswerResult {
        state.usage.calls = [finished.activity]
        if finished.isCancelled { throw CancellationError() }
        if let error = finished.error {
            let doubt = "It is not known whether it took effect; check before you repeat it."
            throw BridgeError(.toolFailed, error.message, hint: error.mayHaveHappened ? doubt : "")
        }
        if finished.result.isError {
            let reason = finished.activity.error.map { ": \($0)" } ?? "."
            throw BridgeError(.toolFailed, "\(finished.activity.name) says that it failed\(reason)")
        }
        state.files.add(finished.result, of: finished.activity.name)
        return .ended(
            .answered(Answer(text: finished.result.text, usage: state.usage, files: state.files)))
    }

    /// Why the catalogue has no such tool.
    private func missing(_ name: ToolName) -> BridgeError {
        let status = path.registry.statuses.first { $0.name == name.server }
        var error: BridgeError
        switch status?.state {
        case nil: return BridgeError(.notFound, "There is no server \(name.server).")
        case .healthy, .degraded: return BridgeError(.notFound, "\(name.server) has no tool \(name.tool).")
        case .starting:
            error = BridgeError(.serverUnavailable, "\(name.server) is still starting.", hint: "Try again in a minute.")
        case .disabled:
            error = BridgeError(
                .serverUnavailable, "\(name.server) is switched off.", hint: "An administrator can switch it on.")
        case .unhealthy:
            let problem = status?.problem.map { ": \($0)" } ?? ""
            error = BridgeError(
                .serverUnavailable, "\(name.server) cannot be reached\(problem).", hint: "Try again later.")
        }
        error.server = name.server
        return error
    }
}
