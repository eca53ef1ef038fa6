package import Logging

/// The door of this room: answers a question of a principal with the tools of the organisation's MCP servers and a
/// model, in this process. Knows no Slack, no SQL, no files.
package struct Bridge: Sendable {
    /// The MCP servers, their tools and their health.
    package let registry: ToolRegistry
    /// The rights in force now, which may be newer than a question's snapshot.
    package let currentRights: CurrentRights
    private let pipeline: AnswerPipeline
    private let logger: Logger

    /// - Parameter currentRights: asked with a question's asker before each of its calls.
    package init(
        registry: ToolRegistry, model: any ModelClient, conversations: any ConversationStore, journal: any StepJournal,
        currentRights: @escaping CurrentRights, logger: Logger
    ) {
        self.registry = registry
        self.currentRights = currentRights
        self.logger = logger
        let tools = ToolRunner(registry: registry, journal: journal, currentRights: currentRights, logger: logger)
        let loop = AgentLoop(model: model, tools: tools, journal: journal, logger: logger)
        pipeline = AnswerPipeline(registry: registry, conversations: conversations, loop: loop, logger: logger)
    }

    /// Answers, telling `onEvent` what happens, in order; a slow `onEvent` slows the answer. Tool calls that run at the
    /// same time tell at the same time. Always returns an ending, with what was used; at the snapshot's deadline it is
    /// a failure of code `deadline`, and `cancelled` when the task is cancelled.
    ///
    /// - Parameter resuming: the journal of an earlier attempt that was broken off. What it holds is told again and not
    ///   done again; a call that may have been sent and may not be sent twice ends as `unknown`.
    package func answer(
        _ question: Question, under snapshot: SettingsSnapshot, resuming steps: [QuestionStep] = [],
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async -> QuestionOutcome {
        let result = await withDeadline(snapshot.limits.deadline) {
            await pipeline.answer(question, under: snapshot, resuming: steps, onEvent: onEvent)
        }
        let outcome = result.isLate ? overdue(result.value, question, snapshot.limits.deadline) : result.value
        BridgeMetrics.question(outcome, milliseconds: outcome.usage.milliseconds)
        return outcome
    }

    /// What the earlier attempts of a question used by their journal, for its last row when it is given up.
    package func spent(on question: Question, under snapshot: SettingsSnapshot, in steps: [QuestionStep]) -> Usage {
        pipeline.spent(on: question, under: snapshot, in: steps)
    }

    /// What ended by itself in the moment of the deadline stays what it is.
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
