import Analytics
import Bridge
import Logging

/// The path of one claimed question of Slack: who asks, may they here, where the answer goes, the answer, the record,
/// the final words. Every attempt goes the whole path; what an earlier one did is found on the way.
struct SlackAnswering: Sendable {
    /// Then a question is given up, and its thread told (decisions, section 1).
    static let attempts = 2

    let api: SlackAPI
    let directory: SlackDirectory
    let identify: Identify
    let live: LiveSettings
    let record: Record
    let bridge: Bridge
    var progressDelay = ThreadReply.progressDelay
    let logger: Logger

    private var outbox: Outbox { Outbox(api: api, record: record, logger: logger) }

    func work(_ claim: Claim) async {
        FaultPoint.claimed.reach()
        guard let asked = await admitted(claim), let earlier = await earlierAttempts(of: asked),
            let planned = await plan(asked)
        else { return }
        await answer(asked, after: earlier, planned)
    }

    /// The question of a person who may ask it here; nil when all was said that is to be said.
    private func admitted(_ claim: Claim) async -> Asked? {
        guard let incoming = SlackQuestion(claim.question) else {
            await abandon(claim)
            return nil
        }
        var asked = Asked(claim, incoming)
        if claim.question.state.isTerminal {
            await resumeDelivery(asked)
            return nil
        }
        switch await identify.principal(slackUser: incoming.user, team: incoming.team) {
        case .refused(let reason):
            await turnAway(asked, reason, rule: "identity")
            return nil
        case .known(let principal): asked = asked.asked(by: principal)
        }
        if let reason = await closedDoor(&asked) {
            await turnAway(asked, reason, rule: "slack.yaml allowed_channels")
            return nil
        }
        if live.current.auditRequired, record.isAway {
            await turnAway(asked, Speech.recordAway, rule: "settings.yaml audit.required")
            return nil
        }
        if incoming.text.isEmpty {
            let greeting = Ending.answered(Answer(text: Speech.emptyQuestion, usage: Usage()))
            await end(await alone(asked), greeting, words: Speech.emptyQuestion)
            return nil
        }
        return asked
    }

    /// Why nobody is answered here; nil when all are.
    private func closedDoor(_ asked: inout Asked) async -> String? {
        let channel = asked.incoming.channel
        let info = await directory.channel(channel)
        let name = info?.name ?? asked.incoming.channelName
        let formerNames = await directory.formerNames(of: channel, now: name)
        asked = asked.asked(inChannel: name, before: formerNames)
        let isDirect = asked.incoming.way == .direct || info?.isDirect ?? channel.hasPrefix("D")
        // A channel of which Slack says nothing counts as private: it says nothing of those without the bot.
        let allowed = live.current.slack.allowedChannels.allows(
            channel: channel, name: name, isDirect: isDirect, isPrivate: info?.isPrivate ?? true,
            formerNames: formerNames)
        if allowed { return nil }
        return isDirect ? Speech.directClosed : Speech.channelClosed
    }

    /// What is known of earlier attempts.
    private enum Earlier {
        case steps([QuestionStep])
        /// Another version of Omni wrote them.
        case unreadable
    }

    /// What earlier claims did, read once and before anything is done, since to go on without it could do it twice. nil
    /// when it cannot be read now: then the question was given back.
    private func earlierAttempts(of asked: Asked) async -> Earlier? {
        guard asked.claim.epoch > 1 else { return .steps([]) }
        do {
            return try await earlierAttempts(of: asked.claim.id)
        } catch {
            logger.warning(
                "What was done for a question cannot be read yet, so it waits.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
            await release(asked)
            return nil
        }
    }

    private func earlierAttempts(of id: ULID) async throws -> Earlier {
        do {
            return .steps(try await record.journal(of: id))
        } catch let error as StoreError where error.code == .corrupt {
            logger.error(
                "What was done for a question cannot be read.", metadata: ["question": "\(id)", "error": "\(error)"])
            return .unreadable
        }
    }

    /// Writes down who asks and what is about to be said. nil when another process has the question now, or when it was
    /// given back, because what an earlier claim said cannot be read. Of a first claim, a record that is away must not
    /// cost the answer.
    private func plan(_ asked: Asked) async -> [PostRow]? {
        let posts = ThreadReply.posts(for: asked)
        do {
            let planned = try await record.locate(asked.claim, asked.question, origin: asked.origin, planning: posts)
            FaultPoint.postPlanned.reach()
            return planned
        } catch {
            logger.warning(
                "What is about to be said was not recorded.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
            guard asked.claim.epoch > 1 else { return posts }
            await release(asked)
            return nil
        }
    }

    private func answer(_ asked: Asked, after earlier: Earlier, _ planned: [PostRow]) async {
        let reply = ThreadReply(outbox: outbox, record: record, progressDelay: progressDelay, logger: logger)
        let (ending, opened) = await withTaskGroup(of: ThreadReply.Opened.self) {
            group -> (Ending, ThreadReply.Opened) in
            group.addTask { await reply.run(asked, planned: planned) }
            let ending = await self.ending(of: asked, after: earlier, telling: reply)
            group.cancelAll()
            return (ending, await group.next() ?? ThreadReply.Opened(asked: asked))
        }
        FaultPoint.answered.reach()
        guard !Task.isCancelled else { return await release(asked) }
        await end(opened, ending)
    }

    private func ending(of asked: Asked, after earlier: Earlier, telling reply: ThreadReply) async -> Ending {
        let row = asked.claim.question
        guard case .steps(let steps) = earlier, row.attempts <= Self.attempts else {
            return .interrupted(interruption(of: asked.question, after: earlier))
        }
        return await bridge.answer(asked.question, under: live.snapshot, resuming: steps) { reply.hear($0) }
    }

    /// The stop took longer than its drain, or another process has the question: whoever holds it goes on.
    private func release(_ asked: Asked) async {
        await withCancellationShield {
            do {
                _ = try await record.release(asked.claim)
            } catch {
                logger.warning("A question could not be given back.", metadata: ["question": "\(asked.claim.id)"])
            }
        }
    }

    private func style(for asker: Principal) -> AnswerMessages.Style {
        let slack = live.current.slack
        return AnswerMessages.Style(
            footer: slack.diagnostics.isShown(to: asker.role) ? slack.diagnostics : nil,
            showsErrorID: slack.behavior.includesErrorID)
    }

    private func interruption(of question: Question, after earlier: Earlier) -> Failure {
        let hint = "Please ask again; what was already done is in the record."
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

/// How it ends: the record first, then the last words. An answer that is written down is never lost.
extension SlackAnswering {
    /// - Parameter words: what is said instead of the ending's own rendering.
    private func end(_ opened: ThreadReply.Opened, _ ending: Ending, words: String? = nil) async {
        let asked = opened.asked
        let messages =
            words.map { [AnswerMessages.section($0)] }
            ?? AnswerMessages.render(ending, style: style(for: asked.question.asker))
        let posts = posts(messages, opened)
        guard await close(asked, ending, posts) else { return }
        FaultPoint.finished.reach()
        await deliver((opened.parent.map { [$0] } ?? []) + posts, of: asked)
        logger.info(
            "A question ended.",
            metadata: [
                "question": "\(asked.claim.id)", "state": "\(ending.state.rawValue)",
                "ms": "\(ending.usage.milliseconds)", "iterations": "\(ending.usage.iterations)",
                "tools": "\(ending.usage.calls.count)", "cost": "\(ending.usage.cost)",
            ])
    }

    private func posts(_ messages: [SlackMessage], _ opened: ThreadReply.Opened) -> [PostRow] {
        // In a direct message there is nobody else: what only the asker may see is an ordinary message there.
        let isWhisper = opened.isPrivate && opened.asked.incoming.way != .direct
        var messages = messages
        if isWhisper, messages.count > 4 {
            // Slack allows five posts to a response_url; the first said how to invite the bot.
            messages = messages.prefix(3) + [AnswerMessages.section(Speech.tooLongHere)]
        }
        var posts = messages.enumerated().map { part, message in
            var post = opened.asked.post(isWhisper ? .whisper : .answer, part: part, message)
            post.epoch = opened.asked.claim.epoch
            return post
        }
        if !isWhisper, !posts.isEmpty {
            posts[0].ts = opened.progressTS
            if opened.isUnsure { posts[0].state = .unknown }
        }
        return posts
    }

    /// Says it. What could not be said now stays in line, and whoever claims it next goes on.
    private func deliver(_ posts: [PostRow], of asked: Asked) async {
        if await !outbox.deliver(posts, of: asked) { await release(asked) }
    }

    /// Pauses between attempts to record an ending.
    private static let recordingPauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3), .seconds(10)]

    /// Writes the ending. False when another process has taken the question over, or when it cannot be recorded: then
    /// nothing is said either. What was done is in the journal, so the next claim goes on from there.
    private func close(_ asked: Asked, _ ending: Ending, _ posts: [PostRow]) async -> Bool {
        let finished = FinishedQuestion(
            asked.question, origin: asked.origin, ending: ending, isPrivate: posts.contains { $0.kind == .whisper },
            posts: posts)
        for pause in Self.recordingPauses + [.zero] {
            do {
                return try await record.finish(finished, asked.claim)
            } catch {
                logger.critical(
                    "An ending could not be recorded.",
                    metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
            if Task.isCancelled { break }
        }
        if Task.isCancelled { await release(asked) } else { record.lapse(asked.claim) }
        return false
    }

    /// Tells the asker alone why there is no answer.
    private func turnAway(_ asked: Asked, _ reason: String, rule: String) async {
        let refusal = Ending.refused(Refusal(message: reason, rule: rule, usage: Usage()))
        await end(await alone(asked), refusal, words: reason)
    }

    /// A place that only the asker sees; but what an earlier attempt began to say in the thread is ended there.
    private func alone(_ asked: Asked) async -> ThreadReply.Opened {
        var opened = ThreadReply.Opened(asked: asked, isPrivate: true)
        guard asked.claim.epoch > 1 else { return opened }
        let posts = (try? await record.posts(of: asked.claim.id)) ?? []
        opened.progressTS = posts.first { $0.kind == .progress }?.ts
        opened.isPrivate = opened.progressTS == nil
        return opened
    }

    /// The question has ended in an earlier attempt; what was left to say is said.
    private func resumeDelivery(_ asked: Asked) async {
        do {
            let posts = try await record.posts(of: asked.claim.id)
            let asked = asked.rooted(asked.root ?? posts.first { $0.kind == .parent }?.ts)
            await deliver(posts.filter { $0.state != .failed && $0.kind != .progress }, of: asked)
        } catch {
            logger.warning(
                "What is left to say could not be read.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
            await release(asked)
        }
    }

    /// A question of another door whose process is gone: nobody waits for its answer.
    private func abandon(_ claim: Claim) async {
        let row = claim.question
        let asker = Principal(
            email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("record"))
        let question = Question(
            id: row.id, asker: asker, text: row.text, place: row.place, threadKey: row.threadKey, kind: row.kind,
            askedAt: row.askedAt)
        do {
            let failure = interruption(of: question, after: try await earlierAttempts(of: row.id))
            let finished = FinishedQuestion(question, origin: row.origin, ending: .interrupted(failure))
            _ = try await record.finish(finished, claim)
        } catch {
            logger.warning(
                "A question that was left could not be ended.",
                metadata: ["question": "\(row.id)", "error": "\(error)"])
            record.lapse(claim)
        }
    }
}
