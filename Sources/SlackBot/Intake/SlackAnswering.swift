import Analytics
import Bridge
import Logging

/// The path of one claimed question of Slack: who asks, may they here, where the answer goes, the answer, the record,
/// the final words.
struct SlackAnswering: Sendable {
    let api: SlackAPI
    let directory: SlackDirectory
    let identify: Identify
    let live: LiveSettings
    let record: Record
    let bridge: Bridge
    let logger: Logger

    func work(_ claim: Claim) async {
        guard let incoming = SlackQuestion(claim.question) else {
            logger.error("A stored question names no channel.", metadata: ["question": "\(claim.id)"])
            return
        }
        let ending: Ending
        var asked = Asked(claim: claim, incoming: incoming)
        switch await identify.principal(slackUser: incoming.user, team: incoming.team) {
        case .refused(let reason): return await turnAway(asked, reason, rule: "identity")
        case .known(let principal): asked.asker = principal
        }
        if let reason = await closedDoor(&asked) {
            return await turnAway(asked, reason, rule: "slack.yaml allowed_channels")
        }
        if incoming.text.isEmpty { return await greet(asked) }
        do {
            let reply = try await open(&asked)
            if claim.question.attempts > 1 {
                // What the attempt before had done is not known yet; doing it twice could do harm.
                ending = .interrupted(Self.interruption(claim.id))
            } else {
                ending = await answer(asked, showing: reply)
            }
            await finish(asked, ending, reply)
        } catch {
            logger.error(
                "A question could not be answered in Slack.",
                metadata: ["question": "\(claim.id)", "error": "\(error)"])
            let failure = Self.unreachable(error, claim.id)
            guard await close(asked, .failed(failure)) else { return }
            // The thread could not be had; by another way the asker may still learn it.
            await tellPrivately(asked, Speech.failed(failure, showID: true))
        }
    }

    /// A question on its way, as far as it is known.
    struct Asked: Sendable {
        let claim: Claim
        let incoming: SlackQuestion
        var asker: Principal?
        var channelName: String?
        /// The root of the thread that holds the answer.
        var root: String?

        var question: Question {
            let row = claim.question
            let nobody = Principal(
                email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("unidentified"))
            let thread = root.map { "\(incoming.team):\(incoming.channel):\($0)" } ?? row.threadKey
            return Question(
                id: row.id, asker: asker ?? nobody, text: row.text,
                place: Place(
                    door: .slack, channel: incoming.channel, channelName: channelName,
                    isDirect: incoming.way == .direct || incoming.channel.hasPrefix("D")),
                threadKey: thread, kind: row.kind, askedAt: row.askedAt)
        }
    }

    /// Why nobody is answered here; nil when all are.
    private func closedDoor(_ asked: inout Asked) async -> String? {
        let channel = asked.incoming.channel
        let info = await directory.channel(channel)
        asked.channelName = info?.name ?? asked.incoming.channelName
        let isDirect = asked.incoming.way == .direct || info?.isDirect ?? channel.hasPrefix("D")
        // A channel of which Slack says nothing counts as private: it says nothing of those without the bot.
        let allowed = live.current.slack.allowedChannels.allows(
            channel: channel, name: asked.channelName, isDirect: isDirect, isPrivate: info?.isPrivate ?? true)
        if allowed { return nil }
        return isDirect ? Speech.directClosed : Speech.channelClosed
    }

    /// Opens the place of the answer: a slash command gets a parent message first, which says who asked what.
    private func open(_ asked: inout Asked) async throws -> ThreadReply {
        let incoming = asked.incoming
        let id = asked.claim.id
        do {
            if let root = incoming.rootTS {
                asked.root = root
            } else {
                let text = Speech.asked(user: incoming.user, text: incoming.text)
                let parent = try await api.post(AnswerMessages.section(text), in: incoming.channel, thread: nil)
                asked.root = parent.ts
                await note(asked)
            }
            let place = ThreadReply.Place.thread(channel: incoming.channel, root: asked.root ?? "")
            return try await ThreadReply.open(place, question: id, api: api, logger: logger)
        } catch let error as SlackError where Self.shutOut.contains(error.code) {
            guard let url = incoming.responseURL else { throw error }
            return try await ThreadReply.open(.privately(url), question: id, api: api, logger: logger)
        }
    }

    /// Writes down where the answer goes. A record that is away must not cost the answer: its end will say so.
    private func note(_ asked: Asked) async {
        do {
            _ = try await record.locate(asked.claim, asked.question, origin: asked.origin)
        } catch {
            logger.warning(
                "The thread of a question was not recorded.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
        }
    }

    /// Errors by which Slack says that the bot is not in the conversation.
    private static let shutOut: Set<String> = [
        "not_in_channel", "channel_not_found", "is_archived", "restricted_action",
    ]

    private func answer(_ asked: Asked, showing reply: ThreadReply) async -> Ending {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reply.show() }
            defer { group.cancelAll() }
            return await bridge.answer(asked.question, under: live.snapshot) { reply.hear($0) }
        }
    }

    /// The record first, then the last words: an answer that is written down is never lost.
    private func finish(_ asked: Asked, _ ending: Ending, _ reply: ThreadReply) async {
        if Task.isCancelled {
            // The stop took longer than its drain: the successor goes on from the record.
            await Shield.run {
                do {
                    _ = try await record.release(asked.claim)
                } catch {
                    logger.error("A question could not be given back.", metadata: ["question": "\(asked.claim.id)"])
                }
            }
            return
        }
        guard await close(asked, ending) else { return }
        await say(asked, ending, reply)
        logger.info(
            "A question ended.",
            metadata: [
                "question": "\(asked.claim.id)", "state": "\(ending.state.rawValue)",
                "ms": "\(ending.usage.milliseconds)", "iterations": "\(ending.usage.iterations)",
                "tools": "\(ending.usage.calls.count)", "cost": "\(ending.usage.cost)",
            ])
    }

    private func say(_ asked: Asked, _ ending: Ending, _ reply: ThreadReply) async {
        let address: MessageAddress?
        do {
            address = try await reply.finish(
                ending, question: asked.claim.id, style: style(for: asked.question.asker))
        } catch {
            logger.error(
                "The last words of an answer were not said.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
            return await tellPrivately(asked, Speech.unsaid(errorID: asked.claim.id.errorID))
        }
        guard let address else { return }
        do {
            try await record.sent(asked.claim.id, part: 0, ts: address.ts)
        } catch {
            logger.warning(
                "An answer was said; its place was not recorded.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
        }
    }

    /// Writes the ending. False when another process has taken the question over: then nothing is said either.
    private func close(_ asked: Asked, _ ending: Ending) async -> Bool {
        let answer = PostRow(
            question: asked.claim.id, part: 0, channel: asked.incoming.channel, threadTS: asked.root)
        let finished = FinishedQuestion(
            asked.question, origin: asked.origin, ending: ending, posts: asked.root == nil ? [] : [answer])
        do {
            return try await record.finish(finished, asked.claim)
        } catch {
            logger.critical(
                "An ending could not be recorded; it is said all the same.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
            return true
        }
    }

    private func style(for asker: Principal) -> AnswerMessages.Style {
        let slack = live.current.slack
        return AnswerMessages.Style(
            footer: slack.diagnostics.isShown(to: asker.role) ? slack.diagnostics : nil,
            showsErrorID: slack.behavior.includesErrorID)
    }

    /// Tells the asker alone why there is no answer.
    private func turnAway(_ asked: Asked, _ reason: String, rule: String) async {
        guard await close(asked, .refused(Refusal(message: reason, rule: rule, usage: Usage()))) else { return }
        await tellPrivately(asked, reason)
    }

    private func greet(_ asked: Asked) async {
        guard await close(asked, .answered(Answer(text: Speech.emptyQuestion, usage: Usage()))) else { return }
        await tellPrivately(asked, Speech.emptyQuestion)
    }

    private func tellPrivately(_ asked: Asked, _ text: String) async {
        let incoming = asked.incoming
        let message = AnswerMessages.section(text)
        do {
            if let url = incoming.responseURL {
                try await api.respond(to: url.revealed, ["response_type": "ephemeral", "text": .string(message.text)])
            } else if incoming.way == .direct {
                _ = try await api.post(message, in: incoming.channel, thread: incoming.rootTS)
            } else {
                try await api.postEphemeral(
                    message, in: incoming.channel, to: incoming.user, thread: incoming.threadTS)
            }
        } catch {
            logger.warning("A refusal was not told.", metadata: ["error": "\(error)"])
        }
    }

    private static func interruption(_ id: ULID) -> Failure {
        Failure(
            error: BridgeError(
                .interrupted, "Omni was restarted while it worked on this.",
                hint: "Please ask again; what was already done is in the record."),
            errorID: id.errorID, usage: Usage())
    }

    private static func unreachable(_ error: any Error, _ id: ULID) -> Failure {
        Failure(
            error: BridgeError(.internalError, "The answer could not be said in Slack.", cause: "\(error)"),
            errorID: id.errorID, usage: Usage())
    }
}

extension SlackAnswering.Asked {
    fileprivate var origin: Origin {
        var origin = incoming.origin
        origin.threadTS = root ?? origin.threadTS
        return origin
    }
}

extension SlackQuestion {
    /// The question as it was stored; nil when it did not come from Slack.
    init?(_ row: QuestionRow) {
        guard let team = row.origin.team, let user = row.origin.userID, let channel = row.origin.channel else {
            return nil
        }
        self.init(
            way: row.context["way"]?.string.flatMap(Way.init(rawValue:)) ?? .mention, originKey: row.originKey ?? "",
            team: team, user: user, channel: channel, channelName: row.context["channel_name"]?.string, text: row.text,
            ts: row.origin.messageTS, threadTS: row.origin.threadTS,
            responseURL: row.context["response_url"]?.string.map(Secret.init),
            isExternallyShared: row.context["external"]?.bool ?? false)
    }
}
