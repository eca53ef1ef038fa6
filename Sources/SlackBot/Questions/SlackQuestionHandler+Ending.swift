import Analytics
import Bridge
import Logging

/// The end of a question: the outcome and its posts are stored first, then sent. A stored answer is delivered even if
/// this process exits.
extension SlackQuestionHandler {
    /// Stores the outcome, then delivers its messages.
    ///
    /// - Parameter words: posted instead of the outcome's rendering.
    func end(_ target: ThreadReply.Target, _ outcome: QuestionOutcome, words: String? = nil) async {
        let claimed = target.claimed
        var rendered =
            words.map { AnswerMessages.Rendered(messages: [SectionView.message($0)]) }
            ?? AnswerMessages.render(outcome, style: style(target))
        if words == nil, target.mayBeShown(outcome), let last = rendered.messages.popLast() {
            rendered.messages.append(ShowToEveryoneView.adding(to: last, claimed.claim.id))
        }
        var posts = posts(rendered.messages, target)
        posts += self.posts(rendered.files, after: posts.count, target)
        posts += await endedChoices(of: claimed)
        guard await close(claimed, outcome, posts) else { return }
        Failpoint.finished.reach()
        await deliver((target.parent.map { [$0] } ?? []) + posts, of: claimed)
        logger.info(
            "A question ended.",
            metadata: [
                "question": "\(claimed.claim.id)", "state": "\(outcome.state.rawValue)",
                "ms": "\(outcome.usage.milliseconds)", "iterations": "\(outcome.usage.iterations)",
                "tools": "\(outcome.usage.calls.count)", "cost": "\(outcome.usage.cost)",
            ])
    }

    /// The rows of the outbox for `messages`. The first edits the progress message, if there is one; above a private
    /// answer that becomes a line which says so, and does not look as if an answer were to come.
    private func posts(_ messages: [SlackMessage], _ target: ThreadReply.Target) -> [PostRow] {
        let claimed = target.claimed
        let hasProgress = target.progressTS != nil || target.isUnsure
        var posts: [PostRow] = []
        if isEphemeral(target) {
            if hasProgress {
                posts = [claimed.post(.answer, part: 0, SectionView.message(UserMessages.answeredPrivately))]
            }
            posts += claimed.privatePosts(messages, from: posts.count)
        } else {
            posts = messages.enumerated().map { claimed.post(.answer, part: $0, $1) }
        }
        for index in posts.indices { posts[index].epoch = claimed.claim.epoch }
        if hasProgress, !posts.isEmpty {
            posts[0].ts = target.progressTS
            if target.isUnsure { posts[0].state = .unknown }
        }
        return posts
    }

    /// The rows of the outbox for the answer's files, which follow its messages in the thread, or go to the direct
    /// messages of the only user who may see them.
    private func posts(_ files: [FilePost], after part: Int, _ target: ThreadReply.Target) -> [PostRow] {
        files.enumerated().map { index, file in
            var post = target.claimed.post(file, part: part + index)
            post.epoch = target.claimed.claim.epoch
            post.isDirect = isEphemeral(target)
            return post
        }
    }

    /// Delivers the posts. Those that cannot be delivered now stay in the outbox: the question is released, and the
    /// next claim delivers them.
    func deliver(_ posts: [PostRow], of claimed: ClaimedQuestion) async {
        // For an answer that only the asker sees no thread is begun.
        let hasThread = posts.contains { [.answer, .file, .choice].contains($0.kind) && !$0.isDirect }
        let wanted = posts.filter { hasThread || $0.kind != .parent }
        if await !outbox.deliver(wanted, of: claimed) { await release(claimed) }
    }

    /// Pauses between attempts to store an outcome.
    private static let recordingPauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3), .seconds(10)]

    /// Stores the outcome and its posts. False when another process has the question or when it cannot be stored: then
    /// nothing is posted, and the next claim goes on from the journal.
    private func close(_ claimed: ClaimedQuestion, _ outcome: QuestionOutcome, _ posts: [PostRow]) async -> Bool {
        let finished = FinishedQuestion(
            claimed.question, origin: claimed.origin, outcome: outcome,
            isPrivate: posts.contains { $0.kind == .ephemeral }, posts: posts)
        return await stored(claimed, what: "An outcome") { try await store.finish(finished, claimed.claim) }
    }

    /// Repeats a write that ends this claim's work. False when another process has the question or it cannot be stored:
    /// then the next claim goes on from the journal.
    func stored(_ claimed: ClaimedQuestion, what: String, _ write: () async throws -> Bool) async -> Bool {
        for pause in Self.recordingPauses + [.zero] {
            do {
                return try await write()
            } catch {
                logger.critical(
                    "\(what) could not be stored.",
                    metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
            if Task.isCancelled { break }
        }
        if Task.isCancelled { await release(claimed) } else { store.lapse(claimed.claim) }
        return false
    }

    /// Ends the question as refused; only the asker sees the reason.
    func turnAway(_ claimed: ClaimedQuestion, _ reason: String, rule: String) async {
        let refusal = QuestionOutcome.refused(Refusal(message: reason, rule: rule, usage: Usage()))
        await end(await alone(claimed), refusal, words: reason)
    }

    /// Ends a question that a back-fill found too late, with a line in its thread.
    func leave(_ claimed: ClaimedQuestion) async {
        let reason = UserMessages.askedTooLongAgo
        let refusal = QuestionOutcome.refused(Refusal(message: reason, rule: "built-in back-fill", usage: Usage()))
        await end(ThreadReply.Target(claimed: claimed), refusal, words: reason)
    }

    /// A target that only the asker sees; but a progress message of an earlier attempt is edited in its thread.
    func alone(_ claimed: ClaimedQuestion) async -> ThreadReply.Target {
        var target = ThreadReply.Target(claimed: claimed, isPrivate: true)
        guard claimed.claim.epoch > 1 else { return target }
        let posts = (try? await store.posts(of: claimed.claim.id)) ?? []
        target.progressTS = posts.first { $0.kind == .progress }?.ts
        target.isPrivate = target.progressTS == nil
        return target
    }
}
