import Analytics
import Bridge
import Logging

/// The messages of an answer, as rows of the outbox.
extension SlackEntryPoint {
    func posts(for outcome: QuestionOutcome, _ asked: ReplyTarget) async -> [PostRow] {
        var target = asked
        let rules = [target.privacy, privacy].compactMap { $0 }
        // The rules may have changed since the work began; the stricter ones count.
        let isPrivate = rules.contains { $0.isPrivate(target.question.place) || $0.isPrivate(outcome) }
        if target.words == nil, isPrivate { target.isPrivate = true }
        let isShared = target.words == nil && !isEphemeral(target)
        let placement = target.placement(for: isShared ? AnswerMessages.text(of: outcome) : nil)
        var messages =
            target.words.map { [AnswerMessages.section($0)] }
            ?? AnswerMessages.render(outcome, in: placement.texts, style: style(target))
        if target.words == nil, target.mayBeShown(outcome), let last = messages.popLast() {
            messages.append(ShowToEveryoneView.adding(to: last, target.claim.id))
        }
        var posts = posts(messages, placement, target)
        posts += files(of: outcome, after: (posts.map(\.part).max() ?? -1) + 1, target)
        posts += await endedChoices(of: target.claimed)
        return posts
    }

    /// The rows of the outbox for `messages`. The first edits the progress message, if there is one; above a private
    /// answer that becomes a line which says so, and does not look as if an answer were to come.
    private func posts(
        _ messages: [SlackMessage], _ placement: AnswerPlacement, _ target: ReplyTarget
    ) -> [PostRow] {
        let claimed = target.claimed
        let post = { claimed.post(.answer, part: $0, $1) }
        var posts: [PostRow]
        if isEphemeral(target) {
            let line = AnswerMessages.section(UserMessages.answeredPrivately)
            posts = placement.rows(placement.places.isEmpty ? [] : [line], post: post)
            posts += claimed.privatePosts(messages, from: max(placement.nextPart, (posts.last?.part ?? -1) + 1))
        } else {
            posts = placement.rows(messages, post: post)
        }
        for index in posts.indices { posts[index].epoch = claimed.claim.epoch }
        return posts
    }

    /// The rows of the outbox for the answer's images, which follow its messages in the thread, or go to the direct
    /// messages of the only user who may see them.
    private func files(of outcome: QuestionOutcome, after part: Int, _ target: ReplyTarget) -> [PostRow] {
        guard case .answered(let answer) = outcome else { return [] }
        return answer.files.files.enumerated().map { index, file in
            var post = target.claimed.post(FilePost(file), part: part + index)
            post.epoch = target.claim.epoch
            post.isDirect = isEphemeral(target)
            return post
        }
    }

    func deliver(_ posts: [PostRow], of asked: ReplyTarget, isWaiting: Bool) async -> Bool {
        if isWaiting { await showThatItWaits(asked) }
        return await deliver((asked.parent.map { [$0] } ?? []) + posts, of: asked.claimed)
    }

    func deliverRest(of claim: Claim) async -> Bool {
        guard let incoming = SlackQuestion(claim.question) else { return true }
        let claimed = ClaimedQuestion(claim, incoming)
        do {
            let posts = try await store.posts(of: claim.id)
            let rooted = claimed.rooted(claimed.root ?? posts.first { $0.kind == .parent }?.ts)
            return await deliver(posts.filter { $0.state != .failed && $0.kind != .progress }, of: rooted)
        } catch {
            logger.warning(
                "The messages that are left to send could not be read.",
                metadata: ["question": "\(claim.id)", "error": "\(error)"])
            return false
        }
    }

    private func deliver(_ posts: [PostRow], of claimed: ClaimedQuestion) async -> Bool {
        // For an answer that only the asker sees no thread is begun.
        let hasThread = posts.contains { [.answer, .file, .choice].contains($0.kind) && !$0.isDirect }
        return await outbox.deliver(posts.filter { hasThread || $0.kind != .parent }, of: claimed)
    }

    private func style(_ target: ReplyTarget) -> AnswerMessages.Style {
        let slack = live.current.slack
        return AnswerMessages.Style(
            footer: slack.diagnostics.isShown(to: target.question.asker.role) ? slack.diagnostics : nil,
            showsErrorID: slack.behavior.includesErrorID, sendsFilesDirectly: isEphemeral(target))
    }

    /// Whether only the asker sees the answer. A direct message has no other reader, so that an ordinary message is
    /// private there.
    func isEphemeral(_ target: ReplyTarget) -> Bool {
        target.isPrivate && target.claimed.incoming.kind != .direct
    }
}
