package import Logging

/// The door of this room: answers a question of a principal with the tools of the organisation's MCP servers and a
/// model, in this process. Knows no Slack, no SQL, no files.
package struct Bridge: Sendable {
    /// The MCP servers, their tools and their health.
    package let registry: Registry
    private let pipeline: AnswerPipeline

    /// - Parameters:
    ///   - currentPolicy: the rules in force now, which may be newer than a question's snapshot.
    package init(
        registry: Registry, model: any ModelClient, conversations: any ConversationStore, journal: any StepJournal,
        currentPolicy: @escaping @Sendable () -> Policy, logger: Logger
    ) {
        self.registry = registry
        let tools = ToolRunner(registry: registry, journal: journal, currentPolicy: currentPolicy, logger: logger)
        let loop = AgentLoop(model: model, tools: tools, journal: journal, logger: logger)
        pipeline = AnswerPipeline(registry: registry, conversations: conversations, loop: loop, logger: logger)
    }

    /// Answers, telling `tell` what happens, in order; a slow `tell` slows the answer. Always returns an ending, with
    /// what was used; at the snapshot's deadline it is a failure of code `deadline`, and `cancelled` when the task is
    /// cancelled.
    package func answer(
        _ question: Question, under snapshot: Snapshot, tell: @escaping @Sendable (AnswerEvent) async -> Void
    ) async -> Ending {
        let ending = await Deadline.run(within: snapshot.limits.deadline) {
            await pipeline.answer(question, under: snapshot, tell: tell)
        } overdue: { ending in
            let seconds = snapshot.limits.deadline.components.seconds
            return .failed(
                Failure(
                    error: BridgeError(
                        .deadline, "The answer was not ready within \(seconds) s, so it was stopped.",
                        hint: "Ask for less at once, or try again."),
                    errorID: question.id.errorID, usage: ending.usage))
        }
        Meter.question(ending, milliseconds: ending.usage.milliseconds)
        return ending
    }
}
