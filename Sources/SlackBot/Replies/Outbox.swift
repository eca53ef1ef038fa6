import Analytics
import Bridge
import Logging

/// Delivers the posts of a question in the order of their parts: the driver of ``PostDelivery``.
struct Outbox: Sendable {
    let api: SlackAPI
    let store: Store
    let logger: Logger

    /// How long delivery of one post is retried under one claim.
    private static let timeout = Duration.seconds(3600)
    /// The longest pause between two attempts.
    private static let longestPause = Duration.seconds(30)
    /// The longest wait for an edit, whose rate limit is of the whole workspace; posts have a limit for each channel.
    /// After it the message is posted instead.
    private static let longestEditWait = Duration.seconds(2)

    /// Delivers what is left to deliver of a question that has ended, and stores each result. False when the claim is
    /// lost, the task cancelled or the timeout over: a later claim goes on.
    func deliver(_ posts: [PostRow], of claimed: ClaimedQuestion) async -> Bool {
        var claimed = claimed
        var queue = posts.sorted { $0.part < $1.part }
        var (isUndelivered, isClosed) = (false, false)
        while !queue.isEmpty {
            let post = queue.removeFirst()
            guard let result = await deliver(post, of: claimed, within: Self.timeout) else { return false }
            Failpoint.said.reach()
            switch result {
            case .sent(let ts):
                if post.part == PostRow.parentPart { claimed = claimed.rooted(ts) }
                let isLast = queue.isEmpty
                // Before the result is stored: a claim after a crash in between deletes it again, which is harmless.
                if let old = post.replaces { await remove(old, claimed) }
                guard await note(ts, of: post, claimed, isLast: isLast) else { return false }
                isClosed = isLast
            case .refusedBlocks where SlackMessage(post.body).isRich, .replace:
                guard let other = await replan(post, result, queue, claimed) else { return false }
                queue = other
            case .failed(let code) where post.isForEveryone:
                // The rest of the queue is the private answer, which was sent before.
                await keepPrivate(([post] + queue).filter(\.isForEveryone), code, claimed)
                queue = []
            case .failed(let code) where post.kind == .file:
                guard let other = await explain(post, code, queue, claimed) else { return false }
                queue = other
            case .failed(let code) where SlackError.mayNotPost(code) && !post.isDirect:
                guard let other = await turnPrivate(post, code, queue, claimed) else { return false }
                queue = other
            case .failed, .refusedBlocks:
                // A message that says that Omni is thinking must not outlive the answer.
                if post.kind == .answer, let ts = post.predecessor { await remove(ts, claimed) }
                isUndelivered = isUndelivered || isMissed(post, before: queue)
                await giveUp(post, result.code, claimed)
            }
        }
        if isUndelivered { await warnAsker(claimed, UserMessages.undelivered(errorID: claimed.claim.id.errorID)) }
        return isClosed ? true : await written(claimed) { try await store.delivered(claimed.claim) } ?? false
    }

    /// Whether the asker is to be told that the post is missing: not of a line above an answer for the asker alone, nor
    /// of a message that would have come the same way.
    private func isMissed(_ post: PostRow, before queue: [PostRow]) -> Bool {
        post.kind == .ephemeral ? post.isDirect : !queue.contains { $0.kind == .ephemeral }
    }

    /// Delivers one post. nil when the claim is lost, the task cancelled or `timeout` over.
    func deliver(_ post: PostRow, of claimed: ClaimedQuestion, within timeout: Duration) async -> PostDelivery.Result? {
        var delivery = PostDelivery(post, epoch: claimed.claim.epoch)
        let clock = ContinuousClock()
        let end = clock.now + timeout
        var pause = Duration.milliseconds(500)
        while true {
            if case .done(let result) = delivery.action { return result }
            guard !Task.isCancelled, clock.now < end else { return nil }
            guard store.holds(claimed.claim) else {
                // Leases may not be renewable for a moment; when the claim is lost this task is cancelled.
                try? await Task.sleep(for: .milliseconds(200))
                continue
            }
            guard let wait = await perform(&delivery, post, claimed) else { continue }
            // No pause after a final result: an edit that would have to wait is posted at once.
            if case .done = delivery.action { continue }
            try? await Task.sleep(for: max(pause, wait))
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Performs one action. nil when it succeeded; else the wait that Slack asks for, zero without one.
    private func perform(_ delivery: inout PostDelivery, _ post: PostRow, _ claimed: ClaimedQuestion) async -> Duration?
    {
        do {
            switch delivery.action {
            case .look:
                let ts = try await find(post, claimed, besides: delivery.replaces)
                delivery.handle(ts == nil ? .absent : .found, ts: ts)
                if delivery.action == .look { return Self.sharing }
            case .post: delivery.handle(.sent, ts: try await send(post, claimed))
            case .edit(let ts):
                let address = MessageAddress(channel: claimed.incoming.channel, ts: ts)
                try await api.update(
                    address, to: SlackMessage(post.body), maxWait: Self.longestEditWait,
                    isWanted: { store.holds(claimed.claim) })
                delivery.handle(.sent)
            case .finish, .close, .remove:
                try await end(post, claimed, by: delivery.action)
                delivery.handle(.sent)
            case .ephemeral:
                // Stored right before the request is sent: nothing is sent while it waits for its turn.
                try await sendPrivately(post, claimed)
                delivery.handle(.sent)
            case .upload:
                try await upload(post, claimed)
                delivery.handle(.sent)
            case .warnAsker:
                try await postEphemeral(
                    SectionView.message(UserMessages.unsure(errorID: claimed.claim.id.errorID)), to: claimed)
                delivery.handle(.sent)
            case .done: return nil
            }
        } catch let error as SlackError {
            logger.info(
                "A message is not sent yet.",
                metadata: ["question": "\(claimed.claim.id)", "part": "\(post.part)", "error": "\(error)"])
            let response = error.response(to: delivery.action)
            if delivery.action == .ephemeral, response == .busy { await forgetAttempt(of: post, claimed) }
            delivery.handle(response, code: error.code)
            return error.retryAfter ?? .zero
        } catch {
            // The store could not be read, or the lease ended while the request waited. If the claim is still this
            // process's, the same action is tried again.
            delivery.handle(.notSent)
            return .zero
        }
        return nil
    }

    /// Posts the message and returns its ts. Throws ``SlackError``.
    private func send(_ post: PostRow, _ claimed: ClaimedQuestion) async throws -> String {
        let root = post.kind == .parent ? post.threadTS : claimed.root
        // An answer without its thread must not go to the channel.
        if root == nil, post.kind != .parent { throw SlackError("thread_not_found", method: "chat.postMessage") }
        let address = try await api.post(
            SlackMessage(post.body), in: claimed.incoming.channel, thread: root, metadata: MessageKey(post).metadata,
            isWanted: { store.holds(claimed.claim) })
        Failpoint.postSent.reach()
        return address.ts
    }

    /// ts of the message with the post's key or its file, in the thread or, for a parent and for a direct message, in
    /// its channel; nil when there is none. Searched from a minute before the question was received, because the clocks
    /// of Slack and of the store may differ.
    ///
    /// - Parameter besides: ts of a message that does not count.
    private func find(_ post: PostRow, _ claimed: ClaimedQuestion, besides: String?) async throws -> String? {
        let oldest = String(format: "%.6f", claimed.claim.question.receivedAt.timeIntervalSince1970 - 60)
        let channel = try await channel(of: post, claimed)
        let root = post.isDirect ? nil : post.kind == .parent ? post.threadTS : claimed.root
        var cursor: String?
        repeat {
            let page =
                if let root {
                    try await api.replies(in: channel, thread: root, oldest: oldest, cursor: cursor)
                } else {
                    try await api.history(of: channel, oldest: oldest, cursor: cursor)
                }
            for message in page.items
            where post.kind == .file
                ? FilePost.isShared(post, by: message) : MessageKey(of: message) == MessageKey(post)
            {
                if let ts = message["ts"]?.string, ts != besides { return ts }
            }
            cursor = page.next(after: cursor)
        } while cursor != nil
        return nil
    }

    /// Sends a message that only the asker sees, through the `response_url` if there is one. Throws ``SlackError``, and
    /// what `isWanted` throws.
    func postEphemeral(
        _ message: SlackMessage, to claimed: ClaimedQuestion, isRepeated: Bool = true,
        isWanted: () async throws -> Bool = { true }
    ) async throws {
        let incoming = claimed.incoming
        if let url = incoming.responseURL {
            try await api.respond(
                to: url.revealed, message.ephemeralResponse(), isRepeated: isRepeated, isWanted: isWanted)
        } else {
            func post(in thread: String?) async throws {
                try await api.postEphemeral(
                    message, in: incoming.channel, to: incoming.user, thread: thread, isRepeated: isRepeated,
                    isWanted: isWanted)
            }
            do {
                try await post(in: incoming.threadTS)
            } catch let error as SlackError where incoming.threadTS != nil && error.isAboutThread {
                try await post(in: nil)
            }
        }
    }

    /// Tells the asker that a message may be missing. A failure is only logged.
    func warnAsker(_ claimed: ClaimedQuestion, _ text: String) async {
        do {
            try await postEphemeral(SectionView.message(text), to: claimed)
        } catch {
            logger.warning(
                "The asker could not be told that an answer was not sent.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }
}
