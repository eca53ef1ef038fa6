import Analytics
import Bridge
import Logging

/// The messages of an answer, as rows of the outbox.
extension SlackEntryPoint {
    private var styling: AnswerStyling { AnswerStyling(live: live, store: store, logger: logger) }

    func posts(for outcome: QuestionOutcome, _ context: ReplyTarget) async -> [PostRow] {
        if context.isSilent { return [] }
        // Nothing is posted for a message that is gone or has another text.
        let isMute = context.stop.map { $0.reason != .requested } ?? false
        if isMute, outcome.state == .cancelled, context.shown.isEmpty { return await endedChoices(of: context.claimed) }
        var target = context
        let rules = [target.privacy, privacy].compactMap { $0 }
        // The rules may have changed since the work began; the stricter ones count.
        let isPrivate = rules.contains { $0.isPrivate(target.question) || $0.isPrivate(outcome) }
        if target.words == nil, isPrivate { target.isPrivate = true }
        let shown = target.question.call == nil ? outcome : outcome.asMarkdown
        var style = await styling.style(
            of: target.claimed, outcome, isOwnText: target.words != nil, sendsFilesDirectly: isEphemeral(target))
        if let stop = target.stop { style.stopped = UserMessages.stopped(stop, asker: target.claimed.incoming.user) }
        let isShared = target.words == nil && !isEphemeral(target)
        let isPartial = isShared && target.keepsProgress(outcome)
        let partial = isPartial ? target.shownText.map { MarkdownLinks.honest($0) } : nil
        let text = isPartial ? partial : isShared ? AnswerMessages.streamed(shown, style: style) : nil
        let placement = target.placement(
            for: text, keepsCards: isPartial || isShared && outcome.state == .answered)
        let texts = placement.texts ?? partial.map { Markdown.parts($0, limit: style.formatting.maxMessageLength) }
        var rendered = AnswerMessages.render(shown, in: texts, style: style, words: target.words)
        if target.words == nil {
            let buttons = AnswerActionsView(
                target.claim.id, mayBeShown: target.mayBeShown(outcome),
                mayContinue: target.isRecalled(by: live.snapshot.limits.history),
                isOn: live.current.slack.usesButtons && !isMute)
            rendered.messages = buttons.adding(to: rendered.messages, outcome)
        }
        // What is shown of a question that another answers is deleted.
        if target.stop?.reason == .doubled { rendered.messages = [] }
        var posts = posts(rendered.messages, placement, target)
        posts += self.posts(rendered.files, after: (posts.map(\.part).max() ?? -1) + 1, target)
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
            let line = SectionView.message(UserMessages.answeredPrivately)
            posts = placement.rows(placement.places.isEmpty ? [] : [line], post: post)
            posts += claimed.privatePosts(messages, from: max(placement.nextPart, (posts.last?.part ?? -1) + 1))
        } else {
            posts = placement.rows(messages, post: post)
        }
        for index in posts.indices { posts[index].epoch = claimed.claim.epoch }
        return posts
    }

    /// The rows of the outbox for the answer's files, which follow its messages in the thread, or go to the direct
    /// messages of the only user who may see them.
    private func posts(_ files: [FilePost], after part: Int, _ target: ReplyTarget) -> [PostRow] {
        files.enumerated().map { index, file in
            var post = target.claimed.post(file, part: part + index)
            post.epoch = target.claim.epoch
            post.isDirect = isEphemeral(target)
            return post
        }
    }

    func deliver(_ posts: [PostRow], of context: ReplyTarget, isWaiting: Bool) async -> Bool {
        if isWaiting { await showThatItWaits(context) }
        return await deliver((context.parent.map { [$0] } ?? []) + posts, of: context.claimed)
    }

    func deliverRest(of claim: Claim) async -> Bool {
        guard let incoming = SlackQuestion(claim.question) else { return true }
        let claimed = ClaimedQuestion(claim, incoming)
        do {
            let posts = try await store.posts(of: claim.id)
            let rooted = claimed.rooted(claimed.root ?? posts.first { $0.kind == .parent }?.ts)
            if claimed.incoming.kind == .direct, let root = rooted.root {
                statusLines.remove(in: MessageAddress(channel: claimed.incoming.channel, ts: root))
            }
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

    /// Whether only the asker sees the answer. A direct message has no other reader, so that an ordinary message is
    /// private there.
    func isEphemeral(_ target: ReplyTarget) -> Bool {
        target.isPrivate && target.claimed.incoming.kind != .direct
    }
}
