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

    var outbox: Outbox { Outbox(api: api, store: store, logger: logger) }
    private var threadReader: ThreadReader {
        ThreadReader(api: api, directory: directory, store: store, logger: logger)
    }

    private var attachmentReader: AttachmentReader { AttachmentReader(api: api, store: store, logger: logger) }

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
        if claim.question.state.isTerminal || claim.question.state == .waiting {
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
    enum Earlier {
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

    func earlierAttempts(of id: ULID) async throws -> Earlier {
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
        let (result, opened) = await withTaskGroup(of: ThreadReply.Target.self) {
            group -> (AnswerResult, ThreadReply.Target) in
            group.addTask {
                if isPrivate { return ThreadReply.Target(privately: claimed, planned: planned) }
                return await reply.run(claimed, planned: planned)
            }
            let result = await self.result(of: claimed, after: earlier, telling: reply)
            group.cancelAll()
            return (result, await group.next() ?? ThreadReply.Target(claimed: claimed))
        }
        Failpoint.answered.reach()
        guard !Task.isCancelled else { return await release(claimed) }
        var target = opened
        // The rules may have changed meanwhile; the stricter ones count.
        let now = self.privacy
        if now.isPrivate(claimed.question.place) { target.isPrivate = true }
        switch result {
        case .ended(let outcome):
            if privacy.isPrivate(outcome) || now.isPrivate(outcome) { target.isPrivate = true }
            await end(target, outcome)
        case .waiting(let wait): await suspend(target, for: wait)
        }
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

    private func result(of claimed: ClaimedQuestion, after earlier: Earlier, telling reply: ThreadReply) async
        -> AnswerResult
    {
        let row = claimed.claim.question
        guard case .steps(let steps) = earlier, row.attempts <= Self.attempts else {
            return .ended(.interrupted(interruption(of: claimed.question, after: earlier)))
        }
        let snapshot = live.snapshot
        var question = claimed.question
        question.attachments = await attachmentReader.attachments(for: claimed, under: snapshot)
        if snapshot.limits.history.limits(in: question.place) != nil {
            question.transcript = await threadReader.transcript(before: claimed.incoming)
        }
        return await bridge.answer(question, under: snapshot, resuming: steps) { reply.handle($0) }
    }

    /// Releases the claim after a cancellation (the shutdown took longer than its drain, or another process has the
    /// question) or an error: the next claim goes on.
    func release(_ claimed: ClaimedQuestion) async {
        await withCancellationShield {
            do {
                _ = try await store.release(claimed.claim)
            } catch {
                logger.warning("A question could not be given back.", metadata: ["question": "\(claimed.claim.id)"])
            }
        }
    }

    func style(_ target: ThreadReply.Target) -> AnswerMessages.Style {
        let slack = live.current.slack
        return AnswerMessages.Style(
            footer: slack.diagnostics.isShown(to: target.claimed.question.asker.role) ? slack.diagnostics : nil,
            showsErrorID: slack.behavior.includesErrorID, sendsFilesDirectly: isEphemeral(target))
    }

    /// Whether only the asker sees the answer. A direct message has no other reader, so that an ordinary message is
    /// private there.
    func isEphemeral(_ target: ThreadReply.Target) -> Bool {
        target.isPrivate && target.claimed.incoming.kind != .direct
    }

    /// The failure of a question that is not attempted again, with the usage of its earlier attempts.
    func interruption(of question: Question, after earlier: Earlier) -> Failure {
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
