import Logging

/// Runs the tool calls of one model turn: each under the verdict of the question's rules and of the rules in force now,
/// several at a time, and whatever happens with one result for each call.
struct ToolRunner: Sendable {
    let registry: Registry
    let journal: any StepJournal
    /// The rules in force now: a right that was taken away since the question started counts at once.
    let currentPolicy: @Sendable () -> Policy
    let logger: Logger

    typealias Tell = @Sendable (AnswerEvent) async -> Void

    /// Results in the order of the calls. Throws only when the task is cancelled.
    func run(
        _ calls: [ModelToolCall], for progress: AnswerProgress, tell: @escaping Tell
    ) async throws -> [(activity: ToolActivity?, result: ModelToolResult)] {
        try await withThrowingTaskGroup(of: (Int, ToolActivity?, ModelToolResult).self) { group in
            var results: [(activity: ToolActivity?, result: ModelToolResult)?] = Array(repeating: nil, count: calls.count)
            var next = 0
            func start() {
                let index = next
                let call = calls[index]
                next += 1
                group.addTask {
                    let (activity, result) = try await run(call, for: progress, tell: tell)
                    return (index, activity, result)
                }
            }
            while next < min(calls.count, max(1, progress.snapshot.limits.parallelTools)) { start() }
            while let (index, activity, result) = try await group.next() {
                results[index] = (activity, result)
                if next < calls.count { start() }
            }
            return results.compactMap { $0 }
        }
    }

    private func run(
        _ call: ModelToolCall, for progress: AnswerProgress, tell: @escaping Tell
    ) async throws -> (ToolActivity?, ModelToolResult) {
        guard let name = progress.names.tool(named: call.wireName), let tool = progress.catalogue[name] else {
            return (nil, answer(call, "There is no tool named \(call.wireName.prefix(80)). Use only the tools offered."))
        }
        guard let input = call.input, input.object != nil else {
            return (nil, answer(call, "The input was not a JSON object, so nothing was called. Call again."))
        }
        let verdict = verdict(on: tool, arguments: input, for: progress)
        var activity = ToolActivity(id: call.id, name: name, arguments: input, verdict: verdict)
        guard verdict.isAllowed else {
            activity.outcome = .denied
            activity.error = verdict.reason
            Meter.toolCall(activity)
            await tell(.toolFinished(activity))
            return (activity, answer(call, "Refused: \(verdict.reason). Do not try it again; tell the asker."))
        }
        try await journal(.toolStarted(activity), progress)
        await tell(.toolStarted(activity))
        let (finished, result) = try await callTool(activity, limit: progress.snapshot.limits.resultCharacters)
        try await journal(.toolResult(finished, result), progress)
        Meter.toolCall(finished)
        await tell(.toolFinished(finished))
        return (finished, ModelToolResult(callID: call.id, tool: name, result: result))
    }

    /// Deny and ask of either rule set win over allow. Nobody can be asked yet, so an `ask` is a denial with its reason.
    private func verdict(on tool: ToolDefinition, arguments: JSONValue, for progress: AnswerProgress) -> Verdict {
        let question = progress.question
        let verdicts = [progress.snapshot.policy, currentPolicy()].map {
            $0.verdict(for: question.asker, in: question.place, on: tool, arguments: arguments)
        }
        return verdicts.first { !$0.isAllowed } ?? verdicts[0]
    }

    private func answer(_ call: ModelToolCall, _ text: String) -> ModelToolResult {
        ModelToolResult(callID: call.id, result: .text(text, isError: true))
    }

    private func callTool(_ started: ToolActivity, limit: Int) async throws -> (ToolActivity, ToolResult) {
        var activity = started
        let clock = ContinuousClock()
        let start = clock.now
        let result: ToolResult
        do {
            result = try await registry.call(activity.name, arguments: activity.arguments)
            activity.outcome = result.isError ? .failed : .succeeded
            if result.isError { activity.error = String(result.text.prefix(300)) }
        } catch {
            try Task.checkCancellation()
            let failure = error as? ToolCallError ?? ToolCallError("\(error)", mayHaveHappened: true)
            activity.outcome = failure.mayHaveHappened ? .unknown : .failed
            activity.error = failure.message
            let doubt = failure.mayHaveHappened ? " It is not known whether it took effect; do not repeat it." : ""
            result = .text("\(failure.message)\(doubt)", isError: true)
        }
        activity.milliseconds = Int((clock.now - start) / .milliseconds(1))
        activity.resultBytes = result.text.utf8.count
        return (activity, ResultTrim.trim(result, to: limit))
    }

    /// A progress that cannot be stored costs nothing but a resumption; the question goes on.
    private func journal(_ step: QuestionStep, _ progress: AnswerProgress) async throws {
        do {
            try await journal.append(step, to: progress.question.id)
        } catch {
            try Task.checkCancellation()
            logger.warning(
                "A step could not be stored.",
                metadata: ["question": "\(progress.question.id)", "error": "\(error)"])
        }
    }
}
