package import Logging

/// Calls one tool that a user named, without a model, under the same verdict as a call of a model. The call is stored
/// in the journal and counted in the metrics.
package struct DirectCall: Sendable {
    private let registry: ToolRegistry
    private let journal: any StepJournal
    private let currentRights: CurrentRights
    private let logger: Logger

    /// The outcome, and the tool's result before trimming; nil when the tool was not called or returned no result.
    package struct Result: Sendable {
        package let outcome: QuestionOutcome
        package let result: ToolResult?
    }

    /// - Parameter currentRights: called right before the tool call, after a possible wait for its server.
    package init(
        registry: ToolRegistry, journal: any StepJournal, currentRights: @escaping CurrentRights, logger: Logger
    ) {
        self.registry = registry
        self.journal = journal
        self.currentRights = currentRights
        self.logger = logger
    }

    /// Computes the verdict, validates the arguments and calls the tool. A denied call is a refusal. Failures:
    /// `not_found` (no such server or tool), `server_unavailable`, `bad_request` (the arguments do not match the
    /// schema), `store_unavailable` (the start of the call could not be stored), `tool_failed`, `internal_error`.
    /// Cancelling the task cancels the call; the outcome is then `cancelled`.
    ///
    /// - Parameter arguments: an object.
    package func run(
        _ name: ToolName, arguments: JSONValue, for question: Question, under snapshot: SettingsSnapshot
    ) async -> Result {
        let start = ContinuousClock.now
        var draft = await call(name, arguments: arguments, for: question, under: snapshot)
        draft.outcome.usage.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        if case .failed(let failure) = draft.outcome {
            logger.error(
                "A direct call failed.",
                metadata: [
                    "question": "\(question.id)", "error_id": "\(failure.errorID)", "tool": "\(name)",
                    "code": "\(failure.error.code.rawValue)",
                ])
        }
        BridgeMetrics.question(draft.outcome, milliseconds: draft.outcome.usage.milliseconds)
        return Result(outcome: draft.outcome, result: draft.result)
    }

    /// A ``Result`` whose usage has no duration yet.
    private typealias Draft = (outcome: QuestionOutcome, result: ToolResult?)

    private func call(
        _ name: ToolName, arguments: JSONValue, for question: Question, under snapshot: SettingsSnapshot
    ) async -> Draft {
        if snapshot.policy.mayUse(server: name.server, question.asker, in: question.place) {
            await registry.settled(within: snapshot.limits.startingServers) { $0 == name.server }
        }
        guard let tool = registry.catalogue[name] else { return fail(missing(name), question) }
        let verdict = await JointRights(of: question, under: snapshot.policy, current: currentRights)
            .verdict(on: tool, arguments: arguments)
        var activity = ToolActivity(id: "direct_1", name: name, arguments: arguments, verdict: verdict)
        guard verdict.isAllowed else {
            activity.outcome = .denied
            activity.error = verdict.reason
            BridgeMetrics.toolCall(activity)
            let message = "\(name) may not be called: \(verdict.reason)."
            return (.refused(Refusal(message: message, rule: "\(verdict.rule)", usage: usage(activity))), nil)
        }
        if let problem = JSONSchemaValidator.problem(of: arguments, against: tool.inputSchema) {
            return fail(BridgeError(.badRequest, "The arguments do not fit \(name): \(problem)."), question)
        }
        guard await note(.toolStarted(activity), question) || tool.isRepeatable else {
            let error = BridgeError(
                .storeUnavailable, "The call could not be noted down, so it was not made.", hint: "Try again.")
            return fail(error, question)
        }
        return await send(activity, question, limit: snapshot.limits.resultCharacters)
    }

    /// Calls the tool and stores its result, trimmed; for a call without a result the error in place of it.
    private func send(_ started: ToolActivity, _ question: Question, limit: Int) async -> Draft {
        var activity = started
        let start = ContinuousClock.now
        var (result, error): (ToolResult?, BridgeError?)
        do {
            let given = try await registry.call(activity.name, arguments: activity.arguments)
            activity.outcome = given.isError ? .failed : .succeeded
            activity.resultBytes = given.text.utf8.count
            if given.isError {
                error = BridgeError(.toolFailed, "\(activity.name) says that it failed.")
                activity.error = Self.line(given.text)
            }
            result = given
        } catch {
            let (failure, outcome) = Self.failure(after: error)
            let message = failure?.message ?? "The call was broken off."
            (activity.outcome, activity.error) = (outcome, Self.line(message))
            activity.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            BridgeMetrics.toolCall(activity)
            await note(.toolResult(activity, .text(message, isError: true)), question)
            guard let failure else { return (.cancelled(usage(activity)), nil) }
            return fail(failure, question, usage(activity))
        }
        activity.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        BridgeMetrics.toolCall(activity)
        let kept = result.map { ResultTrim.trim($0, to: limit) }
        if let kept { await note(.toolResult(activity, kept), question) }
        if let error {
            let (outcome, _) = fail(error, question, usage(activity))
            return (outcome, result)
        }
        return (.answered(Answer(text: kept?.text ?? "", usage: usage(activity))), result)
    }

    /// The failure for an error of the call, nil when the task was cancelled; and the outcome of the call.
    private static func failure(after error: any Error) -> (BridgeError?, ToolActivity.Outcome) {
        guard let error = error as? ToolCallError else {
            if error is CancellationError { return (nil, .unknown) }
            let broken = BridgeError(
                .internalError, "The call broke inside this program.", cause: String(reflecting: error))
            return (broken, .unknown)
        }
        guard error.mayHaveHappened else { return (BridgeError(.toolFailed, error.message), .failed) }
        let doubt = "It is not known whether it took effect; check before you repeat it."
        return (BridgeError(.toolFailed, error.message, hint: doubt), .unknown)
    }

    /// Why the catalogue has no such tool.
    private func missing(_ name: ToolName) -> BridgeError {
        let status = registry.statuses.first { $0.name == name.server }
        switch status?.state {
        case nil: return BridgeError(.notFound, "There is no server \(name.server).")
        case .healthy, .degraded: return BridgeError(.notFound, "\(name.server) has no tool \(name.tool).")
        case .starting:
            return BridgeError(.serverUnavailable, "\(name.server) is still starting.", hint: "Try again.")
        case .disabled: return BridgeError(.serverUnavailable, "\(name.server) is switched off.")
        case .unhealthy:
            let problem = status?.problem.map { ": \($0)" } ?? ""
            return BridgeError(.serverUnavailable, "\(name.server) cannot be reached\(problem).")
        }
    }

    private func fail(_ error: BridgeError, _ question: Question, _ usage: Usage = Usage()) -> Draft {
        (.failed(Failure(error: error, errorID: question.id.errorID, usage: usage)), nil)
    }

    private func usage(_ activity: ToolActivity) -> Usage {
        var usage = Usage()
        usage.calls = [activity]
        return usage
    }

    /// The first 300 characters as one line, for the audit log.
    private static func line(_ text: String) -> String {
        text.prefix(300).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// False when the step could not be stored, which is logged unless the task was cancelled.
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
