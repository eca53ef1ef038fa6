import Analytics
import Bridge
import Logging

/// What is stored of a delivery.
extension Outbox {
    /// Stores that the post was sent. False when another process has taken over the question (the message is deleted
    /// then) or when it cannot be stored.
    func note(_ ts: String?, of post: PostRow, _ claimed: ClaimedQuestion, isLast: Bool) async -> Bool {
        let counts: Bool?
        if isLast {
            counts = await written(claimed) { try await store.delivered(claimed.claim, lastPart: post.part, ts: ts) }
        } else {
            counts = await written(claimed) { try await store.sent(claimed.claim, part: post.part, ts: ts) }
        }
        if isLast { Failpoint.delivered.reach() }
        if counts == false, let ts, ts != post.ts { await takeBack(ts, claimed) }
        return counts ?? false
    }

    /// Stores that nothing was sent after all. If that fails, a later claim tells the asker that a message may be
    /// missing.
    func forgetAttempt(of post: PostRow, _ claimed: ClaimedQuestion) async {
        do {
            try await store.forgetAttempt(claimed.claim, part: post.part)
        } catch {
            logger.warning(
                "That nothing was sent could not be noted.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }

    /// Deletes a message that this process posted without holding the claim, unless the store has it as a post of the
    /// question: then the current owner uses it. It stays when the store cannot be read: a surplus message is better
    /// than a deleted answer.
    func takeBack(_ ts: String, _ claimed: ClaimedQuestion) async {
        guard let posts = try? await store.posts(of: claimed.claim.id), !posts.contains(where: { $0.ts == ts }) else {
            return
        }
        await remove(ts, claimed)
    }

    /// Retries `write` for some 45 s. nil when it did not succeed or on cancellation: a later claim finds the message
    /// in its thread.
    func written(_ claimed: ClaimedQuestion, _ write: () async throws -> Bool) async -> Bool? {
        for pause in [200, 1_000, 3_000, 10_000, 30_000] {
            do {
                return try await write()
            } catch {
                logger.warning(
                    "The result of a message could not be stored yet.",
                    metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(pause))
                guard !Task.isCancelled else { return nil }
            }
        }
        return nil
    }

    /// Stores that the post cannot be delivered.
    func giveUp(_ post: PostRow, _ code: String, _ claimed: ClaimedQuestion) async {
        logger.error(
            "A message cannot be sent.",
            metadata: ["question": "\(claimed.claim.id)", "part": "\(post.part)", "code": "\(code)"])
        _ = await written(claimed) { try await store.failed(claimed.claim, part: post.part, error: code) }
    }

    /// Deletes a message. A failure is only logged.
    func remove(_ ts: String, _ claimed: ClaimedQuestion) async {
        do {
            try await api.delete(MessageAddress(channel: claimed.incoming.channel, ts: ts))
        } catch {
            logger.warning(
                "A message that should not be there could not be removed.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }
}

extension PostDelivery.Result {
    /// The error code of a post that cannot be delivered; empty for another result.
    var code: String {
        switch self {
        case .failed(let code): code
        // Plain text that Slack refuses cannot be simplified further.
        case .refusedBlocks: "invalid_blocks"
        case .sent, .replace: ""
        }
    }
}

extension SlackError {
    private static let blockErrors: Set<String> = [
        "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "msg_blocks_too_long", "msg_too_long",
        "markdown_text_conflict",
        // A second table in a message (`only_one_table_allowed`).
        "invalid_attachments",
    ]
    private static let goneErrors: Set<String> = ["message_not_found", "cant_update_message", "edit_window_closed"]

    /// The response that this error of an action means.
    func response(to action: PostDelivery.Action) -> PostDelivery.Response {
        if action == .upload { return uploadResponse }
        if isRateLimit { return .busy }
        if Self.goneErrors.contains(code) { return .gone }
        if code == "streaming_state_conflict" { return .streaming }
        if code == "message_not_in_streaming_state" || code == "stopped_by_user" { return .ended }
        if Self.blockErrors.contains(code) { return .refusedBlocks }
        if mayHaveHappened { return .unsure }
        // An edit is idempotent.
        if case .edit = action, code == "unreachable" { return .unsure }
        if code == "unreachable" || code == "bad_answer" || code.hasPrefix("http_") { return .busy }
        // Slack's page of chat.postMessage: the app may not be a member of the conversation.
        if code == "no_permission" { return .never }
        // A renewed token or a granted scope lets the same call succeed later.
        return isFatal && action != .look ? .busy : .never
    }
}
