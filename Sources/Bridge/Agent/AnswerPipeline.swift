import Logging

/// The stages of one answer: check the question's length, wait for starting servers, read the thread's history, build
/// the prompt, run the loop, determine the outcome.
struct AnswerPipeline: Sendable {
    let registry: ToolRegistry
    let conversations: any ConversationStore
    let loop: AgentLoop
    let direct: DirectCall
    let logger: Logger

    /// Never throws: an error becomes a failure with an id that is also in the log, a cancellation `cancelled`.
    func answer(
        _ question: Question, under snapshot: SettingsSnapshot, after replay: Replay,
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async -> AnswerResult {
        var state = AnswerState(
            question: question, snapshot: snapshot, catalogue: registry.catalogue,
            workedMilliseconds: replay.workedMilliseconds)
        var outcome: QuestionOutcome
        do {
            switch try await answer(&state, after: replay, onEvent: onEvent) {
            case .waiting(let wait): return .waiting(wait)
            case .ended(let ended): outcome = ended
            }
        } catch {
            outcome = self.outcome(after: error, question, state.usage)
        }
        outcome.usage.milliseconds = state.workedMilliseconds
        return .ended(outcome)
    }

    /// The outcome without its duration. Throws ``BridgeError`` or `CancellationError`.
    private func answer(
        _ state: inout AnswerState, after replay: Replay, onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async throws -> AnswerResult {
        let (question, snapshot) = (state.question, state.snapshot)
        if case .cancelled = replay.lastAnswer {
            return .ended(.cancelled(spent(on: question, under: snapshot, in: replay)))
        }
        if let call = question.call {
            return try await direct.run(call, after: replay, state: &state, onEvent: onEvent)
        }
        if let refusal = gate(question, snapshot) { return .ended(.refused(refusal)) }
        let missing = await registry.settled(within: snapshot.limits.startingServers) {
            snapshot.policy.mayUse(server: $0, question.asker, in: question.place)
        }
        state.catalogue = registry.catalogue
        let (history, quoted) = await earlierWords(for: state)
        let messages = PromptBuilder.messages(question: question, history: history, missing: missing, quoted: quoted)
        return try await loop.run(messages, after: replay, state: &state, onEvent: onEvent)
    }

    /// The usage of the attempts in the journal, for a question that is not resumed. A call without a result is
    /// `unknown`.
    func spent(on question: Question, under snapshot: SettingsSnapshot, in replay: Replay) -> Usage {
        var state = AnswerState(question: question, snapshot: snapshot, catalogue: registry.catalogue)
        var replay = replay
        while let turn = replay.next() { state.charge(turn) }
        return state.usage
    }

    private func gate(_ question: Question, _ snapshot: SettingsSnapshot) -> Refusal? {
        let limit = snapshot.limits.questionCharacters
        guard question.text.count > limit else { return nil }
        return Refusal(
            message: "The question has \(question.text.count) characters; at most \(limit) are read. Shorten it.",
            rule: "built-in question.max_characters", usage: Usage())
    }

    /// The thread's history for the asker, and what others wrote: the messages that the asker forwarded and, within the
    /// same budget as the history, those of the thread.
    private func earlierWords(for state: AnswerState) async -> (ThreadHistory, QuotedText) {
        let question = state.question
        guard !question.beginsThread, let limits = state.snapshot.limits.history.limits(in: question.place) else {
            return (ThreadHistory(), QuotedText(forwarded: question.quotes))
        }
        let transcript = question.transcript
        var share = limits
        // The thread's newest messages are included whatever the length of the answers.
        if transcript?.messages.isEmpty == false { share.tokens /= 2 }
        let history = await history(for: state, within: share)
        let room = limits.tokens * TokenEstimate.unitsPerToken - history.units
        return (history, QuotedText(forwarded: question.quotes, thread: transcript, within: room))
    }

    /// The thread's history for the asker. When the store cannot be read it is empty, and the question is answered
    /// without it.
    private func history(for state: AnswerState, within limits: ThreadHistoryLimits) async -> ThreadHistory {
        let (question, snapshot) = (state.question, state.snapshot)
        do {
            let conversation = try await conversations.conversation(before: question, limit: limits.turns)
            let rights = await JointRights(of: question, under: snapshot.policy, current: direct.path.currentRights)
            return ThreadHistory(conversation, for: question.asker, within: limits) { name, arguments in
                // Without a definition there is no verdict, so that results of a tool that is not offered are left out.
                guard let tool = state.catalogue[name] else { return false }
                return rights.verdict(on: tool, arguments: arguments).isAllowed
            }
        } catch {
            logger.warning(
                "The thread's earlier turns could not be read.",
                metadata: ["question": "\(question.id)", "error": "\(error)"])
            return ThreadHistory()
        }
    }

    /// The outcome for an error; a failure is logged with its id.
    private func outcome(after error: any Error, _ question: Question, _ usage: Usage) -> QuestionOutcome {
        let known: BridgeError
        switch error {
        case let error as BridgeError: known = error
        case is CancellationError: return .cancelled(usage)
        default:
            known = BridgeError(
                .internalError, "Something broke while the question was answered.",
                hint: "Ask again; if it happens again, tell an administrator the error id.", cause: "\(error)")
        }
        if known.code == .cancelled || Task.isCancelled { return .cancelled(usage) }
        logger.error(
            "A question failed.",
            metadata: [
                "question": "\(question.id)", "error_id": "\(question.id.errorID)", "code": "\(known.code.rawValue)",
                "error": "\(String(reflecting: known))",
            ])
        return .failed(Failure(error: known, errorID: question.id.errorID, usage: usage))
    }
}
