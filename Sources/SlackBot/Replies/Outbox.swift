import Analytics
import Bridge
import Logging

/// Says what the outbox holds, in the order of its parts: the shell round ``Delivery``.
struct Outbox: Sendable {
    let api: SlackAPI
    let record: Record
    let logger: Logger

    /// How long it is tried to say something before it is given up.
    private static let patience = Duration.seconds(3600)
    private static let longestPause = Duration.seconds(30)
    /// Edits have a limit for the whole workspace, posts one for each channel: who would wait longer for the first takes
    /// the second.
    private static let editPatience = Duration.seconds(2)

    /// Says everything that is left to say of a question that has ended, and notes that it was. False when the claim is
    /// lost, the task cancelled or the patience over: another process, or a later attempt, goes on.
    func deliver(_ posts: [PostRow], of asked: Asked) async -> Bool {
        var asked = asked
        var queue = posts.sorted { $0.part < $1.part }
        var (isUnsaid, isClosed) = (false, false)
        while !queue.isEmpty {
            let post = queue.removeFirst()
            guard let rest = await say(post, of: asked, within: Self.patience) else { return false }
            FaultPoint.said.reach()
            switch rest {
            case .sent(let ts):
                if post.part == PostRow.parentPart { asked = asked.rooted(ts) }
                let isLast = queue.isEmpty
                // Before it is noted: whoever goes on after an end in between removes it again, which does no harm.
                if let old = post.body?["replaces"]?.string { await remove(old, asked) }
                guard await note(ts, of: post, asked, isLast: isLast) else { return false }
                isClosed = isLast
            case .refusedBlocks, .replace:
                guard let other = await replan(post, rest, queue, asked) else { return false }
                queue = other
            case .failed(let code):
                isUnsaid = isUnsaid || post.kind != .whisper
                await giveUp(post, code, asked)
            }
        }
        if isUnsaid { await admit(asked, Speech.unsaid(errorID: asked.claim.id.errorID)) }
        return isClosed ? true : await written(asked) { try await record.delivered(asked.claim) } ?? false
    }

    /// Brings one message into Slack. nil when the claim was lost, the task cancelled or the time is over.
    func say(_ post: PostRow, of asked: Asked, within patience: Duration) async -> Delivery.Rest? {
        var delivery = Delivery(post, epoch: asked.claim.epoch)
        let clock = ContinuousClock()
        let end = clock.now + patience
        var pause = Duration.milliseconds(500)
        while true {
            if case .rest(let rest) = delivery.act { return rest }
            guard !Task.isCancelled, clock.now < end else { return nil }
            guard record.holds(asked.claim) else {
                // The record may be away for a moment; who has lost the claim is cancelled soon.
                try? await Task.sleep(for: .milliseconds(200))
                continue
            }
            guard let wait = await perform(&delivery, post, asked) else { continue }
            // What is over has nothing to wait for: an answer that cannot be edited now is posted now.
            if case .rest = delivery.act { continue }
            try? await Task.sleep(for: max(pause, wait))
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// One act. nil when it came off; else how long Slack asks to wait.
    private func perform(_ delivery: inout Delivery, _ post: PostRow, _ asked: Asked) async -> Duration? {
        do {
            switch delivery.act {
            case .look:
                let ts = try await find(post, asked, besides: delivery.replaces)
                delivery.handle(ts == nil ? .absent : .found, ts: ts)
            case .post: delivery.handle(.sent, ts: try await send(post, asked))
            case .edit(let ts):
                let address = MessageAddress(channel: asked.incoming.channel, ts: ts)
                try await api.update(
                    address, to: SlackMessage(post.body), patience: Self.editPatience,
                    isWanted: { record.holds(asked.claim) })
                delivery.handle(.sent)
            case .whisper:
                // Noted right before it goes out: while it waits for its turn nothing was sent.
                try await whisper(SlackMessage(post.body), to: asked, isRepeated: false) {
                    try await record.attempt(asked.claim, part: post.part)
                }
                delivery.handle(.sent)
            case .admit:
                try await whisper(AnswerMessages.section(Speech.unsure(errorID: asked.claim.id.errorID)), to: asked)
                delivery.handle(.sent)
            case .rest: return nil
            }
        } catch let error as SlackError {
            logger.info(
                "A message is not said yet.",
                metadata: ["question": "\(asked.claim.id)", "part": "\(post.part)", "error": "\(error)"])
            let answer = error.answer(to: delivery.act)
            if delivery.act == .whisper, answer == .busy { await forgetAttempt(of: post, asked) }
            delivery.handle(answer, code: error.code)
            return error.retryAfter ?? .zero
        } catch {
            // The record could not be asked, or the claim was lost while the call waited: nothing was sent.
            delivery.handle(.busy)
            return .zero
        }
        return nil
    }

    private func send(_ post: PostRow, _ asked: Asked) async throws -> String {
        let root = post.kind == .parent ? nil : asked.root
        // Without its parent an answer has no thread, and the channel is not the place for it.
        if root == nil, post.kind != .parent { throw SlackError("thread_not_found", method: "chat.postMessage") }
        let address = try await api.post(
            SlackMessage(post.body), in: asked.incoming.channel, thread: root, metadata: MessageKey(post).metadata,
            isWanted: { record.holds(asked.claim) })
        FaultPoint.postSent.reach()
        return address.ts
    }

    /// The message of that key in its thread, or among the channel's when it begins a thread. The clocks of Slack and of
    /// the record may differ by a minute.
    private func find(_ post: PostRow, _ asked: Asked, besides: String?) async throws -> String? {
        let oldest = String(format: "%.6f", asked.claim.question.receivedAt.timeIntervalSince1970 - 60)
        var cursor: String?
        repeat {
            let page =
                if let root = asked.root, post.kind != .parent {
                    try await api.replies(in: asked.incoming.channel, thread: root, oldest: oldest, cursor: cursor)
                } else {
                    try await api.history(of: asked.incoming.channel, oldest: oldest, cursor: cursor)
                }
            for message in page.items where MessageKey(of: message) == MessageKey(post) {
                if let ts = message["ts"]?.string, ts != besides { return ts }
            }
            cursor = page.next(after: cursor)
        } while cursor != nil
        return nil
    }

    /// Says something to the asker alone. Throws ``SlackError``.
    ///
    /// - Parameters: see ``SlackAPI/call(_:_:as:patience:isRepeated:isWanted:)``.
    func whisper(
        _ message: SlackMessage, to asked: Asked, isRepeated: Bool = true,
        isWanted: () async throws -> Bool = { true }
    ) async throws {
        let incoming = asked.incoming
        if let url = incoming.responseURL {
            var body: JSONObject = [
                "response_type": "ephemeral", "replace_original": false, "text": .string(message.text),
            ]
            if !message.blocks.isEmpty { body["blocks"] = .array(message.blocks) }
            try await api.respond(to: url.revealed, body, isRepeated: isRepeated, isWanted: isWanted)
        } else {
            try await api.postEphemeral(
                message, in: incoming.channel, to: incoming.user, thread: incoming.threadTS, isRepeated: isRepeated,
                isWanted: isWanted)
        }
    }

    private func admit(_ asked: Asked, _ text: String) async {
        do {
            try await whisper(AnswerMessages.section(text), to: asked)
        } catch {
            logger.warning(
                "Nobody could be told that an answer was not said.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
        }
    }
}

/// What is written down as it is said.
extension Outbox {
    /// False when somebody else has taken the question over: what was said twice is taken back.
    private func note(_ ts: String?, of post: PostRow, _ asked: Asked, isLast: Bool) async -> Bool {
        let counts: Bool?
        if isLast {
            counts = await written(asked) { try await record.delivered(asked.claim, lastPart: post.part, ts: ts) }
        } else {
            counts = await written(asked) { try await record.sent(asked.claim, part: post.part, ts: ts) }
        }
        if isLast { FaultPoint.delivered.reach() }
        if counts == false, let ts, ts != post.ts { await takeBack(ts, asked) }
        return counts ?? false
    }

    /// Slack took nothing, so that nothing can be lost. Where this cannot be noted, a later claim admits a loss.
    private func forgetAttempt(of post: PostRow, _ asked: Asked) async {
        do {
            try await record.forgetAttempt(asked.claim, part: post.part)
        } catch {
            logger.warning(
                "That nothing was sent could not be noted.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
        }
    }

    /// Removes what a process said that has lost the question, unless whoever has it now found the message and goes on
    /// with it. Who cannot ask leaves it: a message too many is better than an answer that vanishes.
    func takeBack(_ ts: String, _ asked: Asked) async {
        guard let posts = try? await record.posts(of: asked.claim.id), !posts.contains(where: { $0.ts == ts }) else {
            return
        }
        await remove(ts, asked)
    }

    /// nil when the record could not be asked within the patience: a later claim finds the message in its thread.
    private func written(_ asked: Asked, _ write: () async throws -> Bool) async -> Bool? {
        for pause in [200, 1_000, 3_000, 10_000, 30_000] {
            do {
                return try await write()
            } catch {
                logger.warning(
                    "What was said could not be noted yet.",
                    metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(pause))
                guard !Task.isCancelled else { return nil }
            }
        }
        return nil
    }

    private func replan(
        _ post: PostRow, _ rest: Delivery.Rest, _ queue: [PostRow], _ asked: Asked
    ) async -> [PostRow]? {
        var posts: [PostRow]
        if case .replace(let ts) = rest {
            var other = post
            other.ts = nil
            other.body?["replaces"] = .string(ts)
            posts = [other] + queue
        } else {
            let later = queue.map { SlackMessage($0.body) }
            let plain = ([SlackMessage(post.body)] + later).flatMap(AnswerMessages.plain)
            // What Slack refuses as plain text it refuses for good.
            guard SlackMessage(post.body).isRich else {
                await giveUp(post, "invalid_blocks", asked)
                return queue
            }
            posts = plain.enumerated().map { asked.post(post.kind, part: post.part + $0, $1) }
            if !posts.isEmpty { posts[0].ts = post.ts }
        }
        let (isEdit, first) = (posts.first?.ts != nil, post.part)
        let planned = posts
        guard
            await written(asked, { try await record.replan(asked.claim, from: first, planned, keepingTS: isEdit) })
                == true
        else { return nil }
        return planned.map { row in
            var row = row
            row.epoch = asked.claim.epoch
            return row
        }
    }

    private func giveUp(_ post: PostRow, _ code: String, _ asked: Asked) async {
        logger.error(
            "A message cannot be said.",
            metadata: ["question": "\(asked.claim.id)", "part": "\(post.part)", "code": "\(code)"])
        _ = await written(asked) { try await record.failed(asked.claim, part: post.part, error: code) }
    }

    /// Takes back what was sent and should not be there.
    func remove(_ ts: String, _ asked: Asked) async {
        do {
            try await api.delete(MessageAddress(channel: asked.incoming.channel, ts: ts))
        } catch let error as SlackError where error.code == "message_not_found" {
            // It is gone already.
        } catch {
            logger.warning(
                "A message that should not be there could not be removed.",
                metadata: ["question": "\(asked.claim.id)", "error": "\(error)"])
        }
    }
}

extension SlackError {
    private static let blockErrors: Set<String> = [
        "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "msg_blocks_too_long", "msg_too_long",
        "markdown_text_conflict",
    ]
    private static let goneErrors: Set<String> = ["message_not_found", "cant_update_message", "edit_window_closed"]

    /// What follows from this error for the act that met it.
    fileprivate func answer(to act: Delivery.Act) -> Delivery.Answer {
        if isRateLimit { return .busy }
        if Self.goneErrors.contains(code) { return .gone }
        if Self.blockErrors.contains(code) { return .refusedBlocks }
        if mayHaveHappened { return .unsure }
        // Twice is as good as once.
        if case .edit = act, code == "unreachable" { return .unsure }
        if code == "unreachable" || code == "bad_answer" || code.hasPrefix("http_") { return .busy }
        // A token that an operator renews, or a scope that is granted, lets the same call pass later.
        return isFatal && act != .look ? .busy : .never
    }
}
