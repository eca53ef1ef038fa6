import Analytics
import Bridge
import Logging

/// Works on one claimed question from Slack: identifies the asker, checks the channel, opens the thread, makes the
/// answer, stores the outcome, posts it. Every attempt takes all steps; each step finds what an earlier attempt did.
struct SlackQuestionHandler: Sendable {
    /// Maximum number of attempts. After them the question ends as interrupted, with a message in its thread.
    static let attempts = 2

    let api: SlackAPI
    let directory: SlackDirectory
    let resolver: PrincipalResolver
    let live: LiveSettings
    let store: Store
    let bridge: Bridge
    var progressDelay = ThreadReply.progressDelay
    let logger: Logger

    private var outbox: Outbox { Outbox(api: api, store: store, logger: logger) }
    private var threadReader: ThreadReader {
        ThreadReader(api: api, directory: directory, store: store, logger: logger)
    }

    /// Returns when the question has ended and is delivered, or was released or left to its lease.
    func work(_ claim: Claim) async {
        Failpoint.claimed.reach()
        guard let claimed = await admitted(claim), let earlier = await earlierAttempts(of: claimed),
            let planned = await plan(claimed)
        else { return }
        await answer(claimed, after: earlier, planned)
    }

    /// Identifies the asker and checks the channel. nil when the question needs no answer of the model, or was ended
    /// here.
    private func admitted(_ claim: Claim) async -> ClaimedQuestion? {
        guard let incoming = SlackQuestion(claim.question) else {
            await abandon(claim)
            return nil
        }
        var claimed = ClaimedQuestion(claim, incoming)
        if claim.question.state.isTerminal {
            await resumeDelivery(claimed)
            return nil
        }
        switch await resolver.principal(slackUser: incoming.user, team: incoming.team) {
        case .refused(let reason):
            await turnAway(claimed, reason, rule: "identity")
            return nil
        case .known(let principal): claimed = claimed.asked(by: principal)
        }
        if let refusal = refusedCommand(claimed) {
            await turnAway(claimed, refusal.reason, rule: refusal.rule)
            return nil
        }
        if let reason = await closedChannel(&claimed) {
            await turnAway(claimed, reason, rule: "slack.yaml allowed_channels")
            return nil
        }
        if live.current.auditRequired, store.isAway {
            await turnAway(claimed, UserMessages.storeUnavailable, rule: "settings.yaml audit.required")
            return nil
        }
        if incoming.isTooLate {
            await leave(claimed)
            return nil
        }
        if incoming.text.isEmpty {
            let greeting = QuestionOutcome.answered(Answer(text: UserMessages.emptyQuestion, usage: Usage()))
            await end(await alone(claimed), greeting, words: UserMessages.emptyQuestion)
            return nil
        }
        return claimed
    }

    /// Why the asker may not use `/omni`; nil when the question is no command, or allowed.
    private func refusedCommand(_ claimed: ClaimedQuestion) -> CommandRefusal? {
        guard claimed.incoming.kind == .command else { return nil }
        let (settings, snapshot) = live.inForce
        return CommandRefusal("/omni", for: claimed.question.asker, settings.slack, snapshot.policy)
    }

    /// Adds the channel's name to `claimed`. Returns the reason of refusal when `allowed_channels` excludes the
    /// channel; nil when it is allowed.
    private func closedChannel(_ claimed: inout ClaimedQuestion) async -> String? {
        let channel = claimed.incoming.channel
        let info = await directory.channel(channel)
        let name = info?.name ?? claimed.incoming.channelName
        let formerNames = await directory.formerNames(of: channel, now: name)
        claimed = claimed.asked(inChannel: name, before: formerNames)
        let isDirect = claimed.incoming.kind == .direct || info?.isDirect ?? channel.hasPrefix("D")
        // A channel that Slack does not describe counts as private: Slack describes no private channel without the bot.
        let allowed = live.current.slack.allowedChannels.allows(
            channel: channel, name: name, isDirect: isDirect, isPrivate: info?.isPrivate ?? true,
            formerNames: formerNames)
        if allowed { return nil }
        return isDirect ? UserMessages.directClosed : UserMessages.channelClosed
    }

    /// What the journal holds of earlier attempts.
    private enum Earlier {
        case steps([QuestionStep])
        /// The journal cannot be decoded, as when another version of Omni wrote it.
        case unreadable
    }

    /// The journal of earlier claims, read before anything is done: an attempt without it could do things twice. nil
    /// when it cannot be read now; the question was released then.
    private func earlierAttempts(of claimed: ClaimedQuestion) async -> Earlier? {
        guard claimed.claim.epoch > 1 else { return .steps([]) }
        do {
            return try await earlierAttempts(of: claimed.claim.id)
        } catch {
            logger.warning(
                "What was done for a question cannot be read yet, so it waits.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
            await release(claimed)
            return nil
        }
    }

    private func earlierAttempts(of id: ULID) async throws -> Earlier {
        do {
            return .steps(try await store.journal(of: id))
        } catch let error as StoreError where error.code == .corrupt {
            logger.error(
                "What was done for a question cannot be read.", metadata: ["question": "\(id)", "error": "\(error)"])
            return .unreadable
        }
    }

    /// Stores the asker and the posts that are about to be sent, and returns the posts as they are in the outbox.
    ///
    /// nil when another process has the question, or when it was released because the posts of an earlier claim cannot
    /// be read. On a first claim an unavailable store does not prevent the answer.
    private func plan(_ claimed: ClaimedQuestion) async -> [PostRow]? {
        let posts = privacy.isPrivate(claimed.question.place) ? [] : ThreadReply.posts(for: claimed)
        do {
            let planned = try await store.locate(
                claimed.claim, claimed.question, origin: claimed.origin, planning: posts)
            Failpoint.postPlanned.reach()
            return planned
        } catch {
            logger.warning(
                "The messages that are about to be sent could not be stored.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
            guard claimed.claim.epoch > 1 else { return posts }
            await release(claimed)
            return nil
        }
    }

    /// Makes the answer while ``ThreadReply`` shows the progress, then ends the question; releases it on cancellation.
    private func answer(_ claimed: ClaimedQuestion, after earlier: Earlier, _ planned: [PostRow]) async {
        let privacy = privacy
        let isPrivate = await privacy.isPrivate(claimed.question, store)
        let reply = reply(claimed, privacy)
        let (outcome, opened) = await withTaskGroup(of: ThreadReply.Target.self) {
            group -> (QuestionOutcome, ThreadReply.Target) in
            group.addTask {
                if isPrivate { return ThreadReply.Target(privately: claimed, planned: planned) }
                return await reply.run(claimed, planned: planned)
            }
            let outcome = await self.outcome(of: claimed, after: earlier, telling: reply)
            group.cancelAll()
            return (outcome, await group.next() ?? ThreadReply.Target(claimed: claimed))
        }
        Failpoint.answered.reach()
        guard !Task.isCancelled else { return await release(claimed) }
        var target = opened
        // The rules may have changed meanwhile; the stricter ones count.
        let now = self.privacy
        if privacy.isPrivate(outcome) || now.isPrivate(outcome) || now.isPrivate(claimed.question.place) {
            target.isPrivate = true
        }
        await end(target, outcome)
    }

    /// Which answers are for the asker only, by the rules in force.
    private var privacy: AnswerPrivacy { AnswerPrivacy(live.snapshot) }

    private func reply(_ claimed: ClaimedQuestion, _ privacy: AnswerPrivacy) -> ThreadReply {
        let slack = live.current.slack
        let isDirect = claimed.incoming.kind == .direct
        let text = ProgressText(
            name: slack.botName, acknowledgement: slack.behavior.acknowledgement,
            privateServers: isDirect ? [] : privacy.servers)
        return ThreadReply(
            outbox: outbox, store: store, progressDelay: progressDelay, text: text,
            queryTimeout: slack.behavior.queryTimeout, logger: logger)
    }

    private func outcome(of claimed: ClaimedQuestion, after earlier: Earlier, telling reply: ThreadReply) async
        -> QuestionOutcome
    {
        let row = claimed.claim.question
        guard case .steps(let steps) = earlier, row.attempts <= Self.attempts else {
            return .interrupted(interruption(of: claimed.question, after: earlier))
        }
        let snapshot = live.snapshot
        var question = claimed.question
        if snapshot.limits.history.limits(in: question.place) != nil {
            question.transcript = await threadReader.transcript(before: claimed.incoming)
        }
        return await bridge.answer(question, under: snapshot, resuming: steps) { reply.handle($0) }
    }

    /// Releases the claim after a cancellation (the shutdown took longer than its drain, or another process has the
    /// question) or an error: the next claim goes on.
    private func release(_ claimed: ClaimedQuestion) async {
        await withCancellationShield {
            do {
                _ = try await store.release(claimed.claim)
            } catch {
                logger.warning("A question could not be given back.", metadata: ["question": "\(claimed.claim.id)"])
            }
        }
    }

    private func style(_ target: ThreadReply.Target) -> AnswerMessages.Style {
        let slack = live.current.slack
        return AnswerMessages.Style(
            footer: slack.diagnostics.isShown(to: target.claimed.question.asker.role) ? slack.diagnostics : nil,
            showsErrorID: slack.behavior.includesErrorID, attachesFiles: !isEphemeral(target))
    }

    /// Whether only the asker sees the answer. A direct message has no other reader, so that an ordinary message is
    /// private there.
    private func isEphemeral(_ target: ThreadReply.Target) -> Bool {
        target.isPrivate && target.claimed.incoming.kind != .direct
    }

    /// The failure of a question that is not attempted again, with the usage of its earlier attempts.
    private func interruption(of question: Question, after earlier: Earlier) -> Failure {
        let hint = "Please ask again; what was already done is in the audit log."
        let (message, usage) =
            switch earlier {
            case .steps(let steps):
                (
                    "Omni was stopped more than once while it worked on this.",
                    bridge.spent(on: question, under: live.snapshot, in: steps)
                )
            case .unreadable: ("Another version of Omni began to work on this, and this one cannot go on.", Usage())
            }
        return Failure(
            error: BridgeError(.interrupted, message, hint: hint), errorID: question.id.errorID, usage: usage)
    }
}

/// The end of a question: the outcome and its posts are stored first, then sent. A stored answer is delivered even if
/// this process exits.
extension SlackQuestionHandler {
    /// Stores the outcome, then delivers its messages.
    ///
    /// - Parameter words: posted instead of the outcome's rendering.
    private func end(_ target: ThreadReply.Target, _ outcome: QuestionOutcome, words: String? = nil) async {
        let claimed = target.claimed
        var messages =
            words.map { [AnswerMessages.section($0)] } ?? AnswerMessages.render(outcome, style: style(target))
        if words == nil, target.mayBeShown(outcome), let last = messages.popLast() {
            messages.append(ShowToEveryoneView.adding(to: last, claimed.claim.id))
        }
        var posts = posts(messages, target)
        posts += files(of: outcome, after: posts.count, target)
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
                posts = [claimed.post(.answer, part: 0, AnswerMessages.section(UserMessages.answeredPrivately))]
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

    /// The rows of the outbox for the answer's images, which follow its messages in the thread.
    private func files(of outcome: QuestionOutcome, after part: Int, _ target: ThreadReply.Target) -> [PostRow] {
        guard case .answered(let answer) = outcome, !isEphemeral(target) else { return [] }
        return answer.files.files.enumerated().map { index, file in
            var post = target.claimed.post(FilePost(file), part: part + index)
            post.epoch = target.claimed.claim.epoch
            return post
        }
    }

    /// Delivers the posts. Those that cannot be delivered now stay in the outbox: the question is released, and the
    /// next claim delivers them.
    private func deliver(_ posts: [PostRow], of claimed: ClaimedQuestion) async {
        if await !outbox.deliver(posts, of: claimed) { await release(claimed) }
    }

    /// Pauses between attempts to store an outcome.
    private static let recordingPauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3), .seconds(10)]

    /// Stores the outcome and its posts. False when another process has the question or when it cannot be stored: then
    /// nothing is posted, and the next claim goes on from the journal.
    private func close(_ claimed: ClaimedQuestion, _ outcome: QuestionOutcome, _ posts: [PostRow]) async -> Bool {
        let finished = FinishedQuestion(
            claimed.question, origin: claimed.origin, outcome: outcome,
            isPrivate: posts.contains { $0.kind == .ephemeral }, posts: posts)
        for pause in Self.recordingPauses + [.zero] {
            do {
                return try await store.finish(finished, claimed.claim)
            } catch {
                logger.critical(
                    "An outcome could not be stored.",
                    metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
            if Task.isCancelled { break }
        }
        if Task.isCancelled { await release(claimed) } else { store.lapse(claimed.claim) }
        return false
    }

    /// Ends the question as refused; only the asker sees the reason.
    private func turnAway(_ claimed: ClaimedQuestion, _ reason: String, rule: String) async {
        let refusal = QuestionOutcome.refused(Refusal(message: reason, rule: rule, usage: Usage()))
        await end(await alone(claimed), refusal, words: reason)
    }

    /// Ends a question that a back-fill found too late, with a line in its thread.
    private func leave(_ claimed: ClaimedQuestion) async {
        let reason = UserMessages.askedTooLongAgo
        let refusal = QuestionOutcome.refused(Refusal(message: reason, rule: "built-in back-fill", usage: Usage()))
        await end(ThreadReply.Target(claimed: claimed), refusal, words: reason)
    }

    /// A target that only the asker sees; but a progress message of an earlier attempt is edited in its thread.
    private func alone(_ claimed: ClaimedQuestion) async -> ThreadReply.Target {
        var target = ThreadReply.Target(claimed: claimed, isPrivate: true)
        guard claimed.claim.epoch > 1 else { return target }
        let posts = (try? await store.posts(of: claimed.claim.id)) ?? []
        target.progressTS = posts.first { $0.kind == .progress }?.ts
        target.isPrivate = target.progressTS == nil
        return target
    }

    /// Delivers what is left to deliver of a question that ended in an earlier claim.
    private func resumeDelivery(_ claimed: ClaimedQuestion) async {
        do {
            let posts = try await store.posts(of: claimed.claim.id)
            let claimed = claimed.rooted(claimed.root ?? posts.first { $0.kind == .parent }?.ts)
            await deliver(posts.filter { $0.state != .failed && $0.kind != .progress }, of: claimed)
        } catch {
            logger.warning(
                "The messages that are left to send could not be read.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
            await release(claimed)
        }
    }

    /// Ends a question of another entry point whose process is gone: no caller waits for its answer.
    private func abandon(_ claim: Claim) async {
        let row = claim.question
        let asker = Principal(
            email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("store"))
        let question = Question(
            id: row.id, asker: asker, text: row.text, place: row.place, threadKey: row.threadKey, kind: row.kind,
            askedAt: row.askedAt)
        do {
            let failure = interruption(of: question, after: try await earlierAttempts(of: row.id))
            let finished = FinishedQuestion(question, origin: row.origin, outcome: .interrupted(failure))
            _ = try await store.finish(finished, claim)
        } catch {
            logger.warning(
                "A question that was left could not be ended.",
                metadata: ["question": "\(row.id)", "error": "\(error)"])
            store.lapse(claim)
        }
    }
}
