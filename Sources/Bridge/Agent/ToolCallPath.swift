import Logging

/// The one path of a tool call, of a model or of a user: verdict, journal, call, journal.
///
/// The verdict is the stricter one of the rules at the question's start and those in force now, so that a right that
/// was removed meanwhile has no effect any more.
struct ToolCallPath: Sendable {
    let registry: ToolRegistry
    let journal: any StepJournal
    let currentRights: CurrentRights
    let logger: Logger

    /// Receives the events of an answer; the answer continues when it returns.
    typealias EventHandler = @Sendable (AnswerEvent) async -> Void

    /// A call that a model or a user asks for.
    struct Request: Sendable {
        /// Unique among the calls of its model turn.
        let id: String
        let tool: ToolDefinition
        /// An object.
        let arguments: JSONValue
        /// Whether the arguments are validated against the tool's schema. Not those of a model: it corrects its call
        /// after the server's own error, and some schemas are wrong.
        var isValidated = false
    }

    /// How a call ended.
    enum Result: Sendable {
        /// It was made, now or in an earlier attempt.
        case finished(Finished)
        /// The verdict denied it; `ask` counts as a denial.
        case denied(ToolActivity)
        /// The arguments do not match the schema: the problem.
        case invalid(String)
        /// The start of the call could not be stored, so that it was not made: after a crash the next attempt would
        /// repeat it.
        case notStored
        /// It had no effect, and the asker must answer before it can be made.
        case waiting(InputRequest, callID: String)
    }

    /// A call that was made.
    struct Finished: Sendable {
        let activity: ToolActivity
        /// As the model and the journal get it: trimmed; for a call without a result its error.
        let result: ToolResult
        /// The tool's whole result; nil when the call returned none in this attempt.
        var whole: ToolResult?
        /// Why there is no result.
        var error: ToolCallError?
        /// Whether the call's task was cancelled.
        var isCancelled = false
    }

    /// Makes the call, unless the journal has its result. Always returns a result.
    func run(
        _ request: Request, after earlier: Replay.Calls, for question: Question, under snapshot: SettingsSnapshot,
        onEvent: @escaping EventHandler
    ) async -> Result {
        let known = earlier[request.id]
        if case .finished(let activity, let result) = known {
            await onEvent(.toolFinished(activity))
            return .finished(Finished(activity: activity, result: result))
        }
        let verdict = await JointRights(of: question, under: snapshot.policy, current: currentRights)
            .verdict(on: request.tool, arguments: request.arguments)
        if case .started(let before) = known, !request.tool.isRepeatable {
            return .finished(await doubtful(before, question, onEvent))
        }
        var activity = ToolActivity(
            id: request.id, name: request.tool.name, arguments: request.arguments, verdict: verdict)
        guard verdict.isAllowed else {
            activity.outcome = .denied
            activity.error = verdict.reason
            BridgeMetrics.toolCall(activity)
            await onEvent(.toolFinished(activity))
            return .denied(activity)
        }
        if request.isValidated,
            let problem = JSONSchemaValidator.problem(of: request.arguments, against: request.tool.inputSchema)
        {
            return .invalid(problem)
        }
        guard await note(.toolStarted(activity), question) || request.tool.isRepeatable else { return .notStored }
        Failpoint.callStored.reach()
        await onEvent(.toolStarted(activity))
        let call = ToolCall(
            activity.name, arguments: activity.arguments, asker: question.asker, questionID: question.id,
            inputs: earlier.inputs(of: request.id))
        return await send(call, activity, question, limit: snapshot.limits.resultCharacters, onEvent)
    }

    /// Sends the call, and stores and reports its result.
    private func send(
        _ call: ToolCall, _ started: ToolActivity, _ question: Question, limit: Int, _ onEvent: EventHandler
    ) async -> Result {
        let finished: Finished
        do {
            finished = try await make(call, started, limit: limit)
        } catch {
            return .waiting(error.request, callID: started.id)
        }
        Failpoint.callMade.reach()
        await note(.toolResult(finished.activity, finished.result), question)
        Failpoint.resultStored.reach()
        BridgeMetrics.toolCall(finished.activity)
        await onEvent(.toolFinished(finished.activity))
        return .finished(finished)
    }

    /// The result of a call that an earlier attempt may have sent and that is not repeatable: the outcome `unknown`,
    /// with the instruction to the model not to repeat it.
    func doubtful(_ before: ToolActivity, _ question: Question, _ onEvent: EventHandler) async -> Finished {
        var activity = before
        activity.outcome = .unknown
        activity.error = "Omni was stopped during this call."
        let result = ToolResult.text(
            "Omni was stopped while \(activity.name) ran. It is not known whether it took effect; do not repeat it, "
                + "tell the asker to check.", isError: true)
        await note(.toolResult(activity, result), question)
        BridgeMetrics.toolCall(activity)
        await onEvent(.toolFinished(activity))
        let error = ToolCallError("Omni was stopped while \(activity.name) ran.", mayHaveHappened: true)
        return Finished(activity: activity, result: result, error: error)
    }

    /// Makes the call. An error of the call becomes an error result.
    private func make(
        _ call: ToolCall, _ started: ToolActivity, limit: Int
    ) async throws(InputRequired) -> Finished {
        var activity = started
        let start = ContinuousClock.now
        do {
            let result = try await registry.call(call)
            activity.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            activity.outcome = result.isError ? .failed : .succeeded
            if result.isError { activity.error = Self.line(result.text) }
            activity.resultBytes = result.text.utf8.count
            return Finished(activity: activity, result: ResultTrim.trim(result, to: limit), whole: result)
        } catch let required as InputRequired {
            throw required
        } catch {
            activity.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            let failure = failure(error, of: activity)
            activity.outcome = failure.mayHaveHappened ? .unknown : .failed
            activity.error = Self.line(failure.message)
            let doubt = failure.mayHaveHappened ? " It is not known whether it took effect; do not repeat it." : ""
            return Finished(
                activity: activity, result: .text("\(failure.message)\(doubt)", isError: true), error: failure,
                isCancelled: error is CancellationError)
        }
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
    private func note(_ step: QuestionStep, _ question: Question) async -> Bool {
        do {
            try await journal.append(step, to: question.id)
            return true
        } catch {
            guard !Task.isCancelled else { return false }
            logger.warning(
                "A step could not be stored.", metadata: ["question": "\(question.id)", "error": "\(error)"])
            return false
        }
    }
}
