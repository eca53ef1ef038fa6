package import Logging

/// The API of this module: answers a principal's question in this process, with a model and the tools of the configured
/// MCP servers. Does not depend on Slack, SQL or the file system.
package struct Bridge: Sendable {
    /// The tool sources (MCP servers and tools of this process), their tools and their health.
    package let registry: ToolRegistry
    /// Returns the rights in force now, which may be newer than those of a question's snapshot.
    package let currentRights: CurrentRights
    private let onFailure: @Sendable (Failure) -> Void
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
        let tools = ToolRunner(registry: registry, journal: journal, currentRights: currentRights, logger: logger)
        let loop = AgentLoop(model: model, tools: tools, journal: journal, logger: logger)
        pipeline = AnswerPipeline(registry: registry, conversations: conversations, loop: loop, logger: logger)
    }

    /// Answers the question and awaits `onEvent` for each event, in order. Tool calls that run concurrently call
    /// `onEvent` concurrently. Always returns an outcome, with its usage: at the snapshot's deadline a failure with the
    /// code `deadline`; when the task is cancelled, `cancelled`.
    ///
    /// - Parameter resuming: the journal of an earlier, interrupted attempt. Its steps are reported to `onEvent` again
    ///   and not repeated. A call without a stored result is sent again only if the tool is repeatable
    ///   (``ToolDefinition/isRepeatable``); otherwise its outcome is `unknown`.
    package func answer(
        _ question: Question, under snapshot: SettingsSnapshot, resuming steps: [QuestionStep] = [],
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async -> QuestionOutcome {
        let result = await withDeadline(snapshot.limits.deadline) {
            await pipeline.answer(question, under: snapshot, resuming: steps, onEvent: onEvent)
        }
        let outcome = result.isLate ? overdue(result.value, question, snapshot.limits.deadline) : result.value
        BridgeMetrics.question(outcome, milliseconds: outcome.usage.milliseconds)
        if case .failed(let failure) = outcome { onFailure(failure) }
        return outcome
    }

    /// The usage that the journal of a question's earlier attempts accounts for, for a question that is not resumed.
    package func spent(on question: Question, under snapshot: SettingsSnapshot, in steps: [QuestionStep]) -> Usage {
        pipeline.spent(on: question, under: snapshot, in: steps)
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
