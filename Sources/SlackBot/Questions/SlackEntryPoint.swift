import Analytics
import Bridge
import Logging

/// Slack's part of the work on a question: identifies the asker, checks the channel, opens the thread and shows the
/// progress in it, posts the answer.
struct SlackEntryPoint: EntryPointHandler {
    let api: SlackAPI
    let directory: SlackDirectory
    let resolver: PrincipalResolver
    let live: LiveSettings
    let store: Store
    let agentMessaging: AgentMessaging
    let statusLines: StatusLines
    let deferred: DeferredWork
    var progressDelay = EditedReply.progressDelay
    var streamLifetime = AnswerStream.lifetime
    let logger: Logger

    var isAbandoned: Bool { false }
    var outbox: Outbox { Outbox(api: api, store: store, logger: logger) }
    var threadReader: ThreadReader {
        ThreadReader(api: api, directory: directory, store: store, logger: logger)
    }
    private var attachmentReader: AttachmentReader { AttachmentReader(api: api, store: store, logger: logger) }

    func admit(_ claim: Claim) async -> Admission<ReplyTarget> {
        guard let incoming = SlackQuestion(claim.question) else { return .release }
        var claimed = ClaimedQuestion(claim, incoming)
        switch await resolver.principal(slackUser: incoming.user, team: incoming.team) {
        case .refused(let reason): return await refuse(claimed, reason, rule: "identity")
        case .known(let principal): claimed.asker = principal
        }
        if let refusal = refusedCommand(claimed) {
            return await refuse(claimed, refusal.reason, rule: refusal.rule)
        }
        if let reason = await closedChannel(&claimed) {
            return await refuse(claimed, reason, rule: "slack.yaml allowed_channels")
        }
        if live.current.auditRequired, store.isAway {
            return await refuse(claimed, UserMessages.storeUnavailable, rule: "settings.yaml audit.required")
        }
        if incoming.isTooLate { return tooLate(claimed) }
        if incoming.text.isEmpty {
            let greeting = QuestionOutcome.answered(Answer(text: UserMessages.emptyQuestion, usage: Usage()))
            return .end(await alone(claimed, words: UserMessages.emptyQuestion), greeting)
        }
        if let words = incoming.fixedAnswer {
            let target = ReplyTarget(
                claimed: claimed, isPrivate: privacy.isPrivate(claimed.question.place), words: words)
            return .end(target, .answered(Answer(text: words, usage: Usage())))
        }
        return await withItsMessage(claimed)
    }

    func plannedPosts(_ context: ReplyTarget) -> [PostRow] {
        privacy.isPrivate(context.question) ? [] : ReplyThread.posts(for: context.claimed)
    }

    func prepared(_ context: ReplyTarget, under snapshot: SettingsSnapshot) async -> Question {
        var question = context.question
        var files: [ThreadReader.PostedFile] = []
        if snapshot.limits.history.limits(in: question.place) != nil,
            let thread = await threadReader.transcript(before: context.claimed.incoming)
        {
            question.transcript = thread.transcript
            files = thread.files
        }
        question.attachments = await attachmentReader.attachments(for: context.claimed, files, under: snapshot)
        return question
    }

    func show(
        _ events: AsyncStream<AnswerEvent>, of context: ReplyTarget, planned: [PostRow]
    ) async -> ReplyTarget {
        let (privacy, status) = (privacy, statusLines.line())
        nameSession(of: context.claimed)
        let reply = await reply(to: context.claimed, privacy, status)
        var target = await reply.run(context.claimed, planned: planned, showing: events)
        status.end(isStreamed: target.stream?.messages.last?.isOpen == true)
        target.privacy = privacy
        return target
    }

    /// In direct messages each question outside a thread begins a session.
    private func nameSession(of claimed: ClaimedQuestion) {
        let incoming = claimed.incoming
        guard incoming.kind == .direct, claimed.question.beginsThread, claimed.claim.epoch == 1,
            let root = claimed.root,
            let title = SessionTitle.text(incoming.text)
        else { return }
        deferred.add("title:\(claimed.claim.id)") { [agentMessaging] in
            await agentMessaging.setTitle(title, of: MessageAddress(channel: incoming.channel, ts: root))
        }
    }

    /// Which answers are for the asker only, by the rules in force.
    var privacy: AnswerPrivacy { AnswerPrivacy(live.snapshot) }

    private func reply(
        to claimed: ClaimedQuestion, _ privacy: AnswerPrivacy, _ status: ThreadStatus
    ) async -> any Reply {
        if await privacy.isPrivate(claimed.question, store) { return PrivateReply() }
        let slack = live.current.slack
        let privateServers = claimed.incoming.kind == .direct ? [] : privacy.servers
        let text = ProgressText(
            name: slack.botName, acknowledgement: slack.behavior.acknowledgement, late: slack.behavior.timeoutMessage,
            privateServers: privateServers, question: slack.usesButtons ? claimed.claim.id : nil)
        let thread = ReplyThread(
            outbox: outbox, store: store, status: slack.behavior.acknowledgesAtOnce ? status : nil, logger: logger)
        let delay = slack.behavior.acknowledgesAtOnce ? progressDelay : slack.behavior.queryTimeout
        let edits = EditedReply(
            thread: thread, progressDelay: delay, text: text, queryTimeout: slack.behavior.queryTimeout, logger: logger)
        guard slack.streamsAnswers else { return edits }
        let stream = AnswerStream(
            question: claimed.claim.id.text, privateServers: privateServers,
            acknowledgement: slack.behavior.ownAcknowledgement, late: slack.behavior.timeoutMessage,
            mostText: slack.formatting.maxMessageLength, lifetime: streamLifetime)
        return StreamReply(thread: thread, edits: edits, delay: delay, stream: stream, logger: logger)
    }
}

/// Questions that end without an answer.
extension SlackEntryPoint {
    /// Only the asker sees the reason, and a user who did not address Omni sees none.
    private func refuse(_ claimed: ClaimedQuestion, _ reason: String, rule: String) async
        -> Admission<ReplyTarget>
    {
        guard claimed.incoming.kind.isAddressed else {
            let refusal = QuestionOutcome.refused(Refusal(message: reason, rule: rule, usage: Usage()))
            return .end(ReplyTarget(claimed: claimed, isSilent: true), refusal)
        }
        return await tell(claimed, reason, rule: rule)
    }

    /// Only the asker sees the reason.
    func tell(_ claimed: ClaimedQuestion, _ reason: String, rule: String) async -> Admission<ReplyTarget> {
        let refusal = QuestionOutcome.refused(Refusal(message: reason, rule: rule, usage: Usage()))
        return .end(await alone(claimed, words: reason), refusal)
    }

    /// A question that a back-fill found too late ends with a line in its thread.
    private func tooLate(_ claimed: ClaimedQuestion) -> Admission<ReplyTarget> {
        let reason = UserMessages.askedTooLongAgo
        let refusal = QuestionOutcome.refused(Refusal(message: reason, rule: "built-in back-fill", usage: Usage()))
        return .end(ReplyTarget(claimed: claimed, words: reason), refusal)
    }

    /// A target that only the asker sees; but a progress message of an earlier attempt is edited in its thread.
    private func alone(_ claimed: ClaimedQuestion, words: String) async -> ReplyTarget {
        var target = ReplyTarget(claimed: claimed, isPrivate: true, words: words)
        guard claimed.claim.epoch > 1 else { return target }
        let posts = (try? await store.posts(of: claimed.claim.id)) ?? []
        target.shown = posts.shown
        target.isPrivate = target.shown.isEmpty
        return target
    }

    /// Why the asker may not use `/omni` or `/omni-tool`; nil when the question is no command, or allowed.
    private func refusedCommand(_ claimed: ClaimedQuestion) -> CommandRefusal? {
        guard claimed.incoming.kind == .command else { return nil }
        let (settings, snapshot) = live.inForce
        let command = claimed.incoming.call == nil ? SlackCommand.Name.ask : .tool
        return CommandRefusal(command.rawValue, for: claimed.question.asker, settings.slack, snapshot.policy)
    }

    /// Adds the channel's name to `claimed`. Returns the reason of refusal when `allowed_channels` excludes the
    /// channel; nil when it is allowed.
    private func closedChannel(_ claimed: inout ClaimedQuestion) async -> String? {
        let channel = claimed.incoming.channel
        let info = await directory.channel(channel)
        let name = info?.name ?? claimed.incoming.channelName
        let formerNames = await directory.formerNames(of: channel, now: name)
        claimed.note(info, named: name, before: formerNames)
        let isDirect = claimed.incoming.kind == .direct || info?.isDirect ?? channel.hasPrefix("D")
        // A channel that Slack does not describe counts as private: Slack describes no private channel without the bot.
        let allowed = live.current.slack.allowedChannels.allows(
            channel: channel, name: name, isDirect: isDirect, isPrivate: info?.isPrivate ?? true,
            formerNames: formerNames)
        if allowed { return nil }
        return isDirect ? UserMessages.directClosed : UserMessages.channelClosed
    }
}
