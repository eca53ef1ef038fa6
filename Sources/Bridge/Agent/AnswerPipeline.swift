import Logging

/// The recipe of one answer, on one screen: gate, wait for servers, recall, prompt, loop, settle.
struct AnswerPipeline: Sendable {
    let registry: Registry
    let conversations: any ConversationStore
    let loop: AgentLoop
    let logger: Logger

    /// Always ends, never throws: what breaks becomes a failure with an id that is also in the log.
    func answer(
        _ question: Question, under snapshot: Snapshot, resuming steps: [QuestionStep],
        tell: @escaping @Sendable (AnswerEvent) async -> Void
    ) async -> Ending {
        let clock = ContinuousClock()
        let start = clock.now
        var progress = AnswerProgress(question: question, snapshot: snapshot, catalogue: registry.catalogue)
        var ending: Ending
        do {
            if let refusal = gate(question, snapshot) { return .refused(refusal) }
            let missing = await registry.settled(within: snapshot.limits.startingServers) {
                snapshot.policy.mayUse(server: $0, question.asker, in: question.place)
            }
            progress = AnswerProgress(question: question, snapshot: snapshot, catalogue: registry.catalogue)
            let recall = await recall(for: progress)
            let messages = PromptBuilder.messages(question: question, recall: recall, missing: missing)
            ending = try await loop.run(messages, after: Replay(steps), progress: &progress, tell: tell)
        } catch {
            ending = self.ending(after: error, question, progress.usage)
        }
        ending.usage.milliseconds = Int((clock.now - start) / .milliseconds(1))
        return ending
    }

    /// What an earlier attempt used, when nothing more will be done: calls without a result are unknown.
    func spent(on question: Question, under snapshot: Snapshot, in steps: [QuestionStep]) -> Usage {
        var progress = AnswerProgress(question: question, snapshot: snapshot, catalogue: registry.catalogue)
        var replay = Replay(steps)
        while let turn = replay.next() { progress.charge(turn) }
        return progress.usage
    }

    private func gate(_ question: Question, _ snapshot: Snapshot) -> Refusal? {
        let limit = snapshot.limits.questionCharacters
        guard question.text.count > limit else { return nil }
        return Refusal(
            message: "The question has \(question.text.count) characters; at most \(limit) are read. Shorten it.",
            rule: "built-in question.max_characters", usage: Usage())
    }

    /// What the asker is given of the thread. Without a record the question goes on alone.
    private func recall(for progress: AnswerProgress) async -> Recall {
        let (question, snapshot) = (progress.question, progress.snapshot)
        guard !question.beginsThread, let limits = snapshot.limits.recall.limits(in: question.place) else {
            return Recall()
        }
        do {
            let conversation = try await conversations.conversation(before: question, limit: limits.turns)
            let rights = await JointRights(of: question, under: snapshot.policy, current: loop.tools.currentRights)
            return Recall(conversation, for: question.asker, within: limits) { name, arguments in
                // What a tool that is gone may have said is nobody's to read.
                guard let tool = progress.catalogue[name] else { return false }
                return rights.verdict(on: tool, arguments: arguments).isAllowed
            }
        } catch {
            logger.warning(
                "The thread's earlier turns could not be read.",
                metadata: ["question": "\(question.id)", "error": "\(error)"])
            return Recall()
        }
    }

    private func ending(after error: any Error, _ question: Question, _ usage: Usage) -> Ending {
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
