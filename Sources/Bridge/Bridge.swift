package import Logging

/// The API of this module: answers a principal's question in this process, with a model and the tools of the configured
/// MCP servers. Does not depend on Slack, SQL or the file system.
package struct Bridge: Sendable {
    /// The tool sources (MCP servers and tools of this process), their tools and their health.
    package let registry: ToolRegistry
    /// Returns the rights in force now, which may be newer than those of a question's snapshot.
    package let currentRights: CurrentRights
    private let onFailure: @Sendable (Failure) -> Void
    private let journal: any StepJournal
    private let pipeline: AnswerPipeline
    private let logger: Logger

    /// - Parameters:
    ///   - currentRights: called with the asker before each tool call and for the thread's history.
    ///   - onFailure: called with each failure of a question; must not block.
    package init(
        registry: ToolRegistry, model: any ModelClient, conversations: any ConversationStore, journal: any StepJournal,
        currentRights: @escaping CurrentRights, onFailure: @escaping @Sendable (Failure) -> Void = { _ in },
        logger: Logger
    ) {
        self.registry = registry
        self.currentRights = currentRights
        self.onFailure = onFailure
        self.logger = logger
        self.journal = journal
        let path = ToolCallPath(registry: registry, journal: journal, currentRights: currentRights, logger: logger)
        let loop = AgentLoop(model: model, tools: ToolRunner(path: path), journal: journal, logger: logger)
        pipeline = AnswerPipeline(
            registry: registry, conversations: conversations, loop: loop, direct: DirectCall(path: path),
            logger: logger)
    }

    /// Answers the question and awaits `onEvent` for each event, in order. Tool calls that run concurrently call
    /// `onEvent` concurrently. Never throws: at the snapshot's deadline, which counts the time of work but not that of
    /// waits, the outcome is a failure with the code `deadline`; when the task is cancelled, `cancelled`.
    ///
    /// - Parameter resuming: the journal of an earlier attempt that was interrupted or that ended in a wait. Its steps
    ///   are reported to `onEvent` again and not repeated. A call without a stored result is sent again only if the
    ///   tool is repeatable (``ToolDefinition/isRepeatable``) or the call waited; otherwise its outcome is `unknown`. A
    ///   wait without an answer counts as expired.
    package func answer(
        _ question: Question, under snapshot: SettingsSnapshot, resuming steps: [QuestionStep] = [],
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async -> AnswerResult {
        let replay = await expireWait(in: Replay(steps), of: question)
        let result = await withDeadline(snapshot.limits.remaining(after: replay.workedMilliseconds)) {
            await pipeline.answer(question, under: snapshot, after: replay, onEvent: onEvent)
        }
        guard case .ended(let ended) = result.value else { return result.value }
        let outcome = result.isLate ? overdue(ended, question, snapshot.limits.deadline) : ended
        BridgeMetrics.question(outcome, milliseconds: outcome.usage.milliseconds)
        if case .failed(let failure) = outcome { onFailure(failure) }
        return .ended(outcome)
    }

    /// Notes that a wait has expired. A step that cannot be stored changes nothing: the next attempt decides the same.
    private func expireWait(in replay: Replay, of question: Question) async -> Replay {
        guard let wait = replay.openWait else { return replay }
        try? await journal.append(.waitEnded(wait.id, .expired), to: question.id)
        var replay = replay
        replay.end(wait, .expired)
        return replay
    }

    /// The usage that the journal of a question's earlier attempts accounts for, for a question that is not resumed.
    package func spent(on question: Question, under snapshot: SettingsSnapshot, in steps: [QuestionStep]) -> Usage {
        pipeline.spent(on: question, under: snapshot, in: Replay(steps))
    }

    /// Turns `cancelled` into a failure with the code `deadline`. Any other outcome was reached before the cancellation
    /// took effect and is kept.
    private func overdue(_ outcome: QuestionOutcome, _ question: Question, _ limit: Duration) -> QuestionOutcome {
        guard case .cancelled(let usage) = outcome else { return outcome }
        let error = BridgeError(
            .deadline, "The answer was not ready within \(limit.components.seconds) s, so it was stopped.",
            hint: "Ask for less at once, or try again.")
        logger.error(
            "A question failed.",
            metadata: [
                "question": "\(question.id)", "error_id": "\(question.id.errorID)", "code": "\(error.code.rawValue)",
                "error": "\(error)",
            ])
        return .failed(Failure(error: error, errorID: question.id.errorID, usage: usage))
    }
}
