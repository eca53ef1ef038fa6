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
    typealias CallResult = (activity: ToolActivity?, result: ModelToolResult)

    /// Results in the order of the calls. When the task is cancelled, calls that were under way are there with what is
    /// known of them, and those that had not begun are missing.
    func run(_ calls: [ModelToolCall], for progress: AnswerProgress, tell: @escaping Tell) async -> [CallResult] {
        await withTaskGroup(of: (Int, ToolActivity?, ModelToolResult).self) { group in
            var results: [CallResult?] = Array(repeating: nil, count: calls.count)
            var next = 0
            func start() {
                let index = next
                let call = calls[index]
                next += 1
                group.addTask {
                    let (activity, result) = await run(call, for: progress, tell: tell)
                    return (index, activity, result)
                }
            }
            while next < min(calls.count, max(1, progress.snapshot.limits.parallelTools)) { start() }
            while let (index, activity, result) = await group.next() {
                results[index] = (activity, result)
                if next < calls.count, !Task.isCancelled { start() }
            }
            return results.compactMap { $0 }
        }
    }

    private func run(_ call: ModelToolCall, for progress: AnswerProgress, tell: @escaping Tell) async -> CallResult {
        guard !Task.isCancelled else { return (nil, answer(call, "The call was not made.")) }
        guard let name = progress.names.tool(named: call.wireName), let tool = progress.catalogue[name] else {
            return (
                nil, answer(call, "There is no tool named \(call.wireName.prefix(80)). Use only the tools offered.")
            )
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
        await journal(.toolStarted(activity), progress)
        await tell(.toolStarted(activity))
        let (finished, result) = await callTool(activity, limit: progress.snapshot.limits.resultCharacters)
        await journal(.toolResult(finished, result), progress)
        Meter.toolCall(finished)
        await tell(.toolFinished(finished))
        return (finished, ModelToolResult(callID: call.id, tool: name, result: result))
    }

    /// Deny of either rule set wins over ask, and ask over allow. Nobody can be asked yet, so an `ask` is a denial with
    /// its reason.
    private func verdict(on tool: ToolDefinition, arguments: JSONValue, for progress: AnswerProgress) -> Verdict {
        let question = progress.question
        func verdict(_ policy: Policy) -> Verdict {
            policy.verdict(for: question.asker, in: question.place, on: tool, arguments: arguments)
        }
        let (then, now) = (verdict(progress.snapshot.policy), verdict(currentPolicy()))
        if then.decision == .deny || now.isAllowed { return then }
        return now.decision == .deny || then.isAllowed ? now : then
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

    /// A progress that cannot be stored costs nothing but a resumption; the question goes on.
    private func journal(_ step: QuestionStep, _ progress: AnswerProgress) async {
        do {
            try await journal.append(step, to: progress.question.id)
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning(
                "A step could not be stored.",
                metadata: ["question": "\(progress.question.id)", "error": "\(error)"])
        }
    }
}
