import Analytics
import Bridge

/// Messages that only the asker sees: beside the conversation, or as a direct message.
extension Outbox {
    /// Sends a message of kind `ephemeral`. Throws ``SlackError``, and ``StoreError`` when the attempt cannot be stored.
    func sendPrivately(_ post: PostRow, _ claimed: ClaimedQuestion) async throws {
        let message = SlackMessage(post.body)
        guard post.isDirect else {
            // Stored right before the request is sent: nothing is sent while it waits for its turn.
            return try await postEphemeral(message, to: claimed, isRepeated: false) {
                try await store.attempt(claimed.claim, part: post.part)
            }
        }
        guard try await store.attempt(claimed.claim, part: post.part) else { throw CancellationError() }
        // With a user's id Slack posts to the app's direct messages with that user.
        _ = try await api.post(
            message, in: claimed.incoming.user, thread: nil, isWanted: { store.holds(claimed.claim) })
    }

    /// Replaces a post that the bot may not make, with those after it, by messages that only the asker sees: beside the
    /// conversation, or in the asker's direct messages when that was refused too. nil when the claim is lost or the
    /// store cannot be written.
    func turnPrivate(
        _ post: PostRow, _ code: String, _ queue: [PostRow], _ claimed: ClaimedQuestion
    ) async -> [PostRow]? {
        logger.notice(
            "An answer is sent to its asker alone, because Slack refused it.",
            metadata: ["question": "\(claimed.claim.id)", "part": "\(post.part)", "code": "\(code)"])
        // What the asker is shown of a message that is already there would be twice in the channel.
        for ts in ([post] + queue.filter { $0.kind == .answer }).compactMap(\.predecessor) {
            await remove(ts, claimed)
        }
        let shown = ([post] + queue).filter { $0.kind != .file && $0.kind != .parent && !$0.isSurplus }
        // Of an answer that is private already only the line above it was refused.
        let own = shown.filter { $0.kind == .ephemeral }
        var messages = (own.isEmpty ? shown : own).map { SlackMessage($0.body) }
        let files = queue.filter { $0.kind == .file }
        let moved = files.filter { !$0.isDirect }.compactMap { FilePost($0.body) }
        var posts: [PostRow]
        if post.kind == .ephemeral || claimed.incoming.kind == .direct {
            messages.insert(SectionView.message(UserMessages.answerFrom(channel: claimed.incoming.channel)), at: 0)
            posts = claimed.privatePosts(messages, from: post.part, directly: true)
        } else {
            messages.insert(SectionView.message(UserMessages.cannotPost(code)), at: 0)
            if !moved.isEmpty { messages.append(SectionView.message(UserMessages.filesDirect(moved))) }
            posts = claimed.privatePosts(messages, from: post.part)
        }
        for row in queue where row.isSurplus && row.ts == nil {
            posts.append(claimed.moved(row, to: post.part + posts.count))
        }
        for file in files {
            var row = claimed.moved(file, to: post.part + posts.count)
            row.isDirect = true
            posts.append(row)
        }
        if post.part <= 0 { await hide(claimed) }
        return await put(posts, from: post.part, claimed)
    }

    /// Gives up the posts that were to show a private answer to everyone, and tells the asker.
    func keepPrivate(_ posts: [PostRow], _ code: String, _ claimed: ClaimedQuestion) async {
        for post in posts { await giveUp(post, code, claimed) }
        await hide(claimed)
        await warnAsker(claimed, UserMessages.cannotShow(code))
    }

    /// Stores that only the asker saw the answer, so that the history of others does not contain it.
    private func hide(_ claimed: ClaimedQuestion) async {
        do {
            _ = try await store.hide(claimed.claim)
        } catch {
            logger.warning(
                "That an answer is private could not be stored.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }
}

extension ClaimedQuestion {
    /// The rows of the outbox for messages that only the asker sees. A slash command has at most two of them, a line
    /// about the others and, before, the reason: Slack allows five posts to a response_url, and one more may tell of a
    /// failure. The others are direct messages.
    func privatePosts(_ messages: [SlackMessage], from part: Int, directly: Bool = false) -> [PostRow] {
        let most = directly ? 0 : incoming.responseURL == nil ? messages.count : 3
        guard messages.count > most, !directly else {
            return messages.enumerated().map { post(privately: $1, part: part + $0, directly: directly) }
        }
        let shown = Array(messages.prefix(most - 1)) + [SectionView.message(UserMessages.goesOnDirectly)]
        let first = shown.enumerated().map { post(privately: $1, part: part + $0, directly: false) }
        return first
            + messages.dropFirst(most - 1).enumerated().map {
                post(privately: $1, part: part + most + $0, directly: true)
            }
    }

    private func post(privately message: SlackMessage, part: Int, directly: Bool) -> PostRow {
        var row = post(.ephemeral, part: part, message)
        row.isDirect = directly
        return row
    }

    /// The planned row with another part.
    func moved(_ row: PostRow, to part: Int) -> PostRow {
        var moved: PostRow
        if let file = FilePost(row.body) {
            moved = post(file, part: part)
            moved.isDirect = row.isDirect
        } else {
            moved = post(row.kind, part: part, SlackMessage(row.body))
            (moved.body, moved.ts, moved.state) = (row.body, row.ts, row.state)
        }
        return moved
    }
}

extension SlackError {
    /// Codes that refuse a message for its content, for the moment or for the app as a whole; any other final refusal
    /// means that the bot may not post at this place. Slack adds codes of the second kind without notice
    /// (docs.slack.dev, chat.postMessage: `restricted_action…`, `cannot_reply_to_message`).
    private static let aboutOthers: Set<String> = [
        "failed", "no_text", "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "invalid_arg_name",
        "invalid_array_arg", "invalid_charset", "invalid_form_data", "invalid_post_type", "invalid_json",
        "json_not_object", "missing_post_type", "msg_too_long", "msg_blocks_too_long", "markdown_text_conflict",
        "metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "metadata_must_be_sent_from_app",
        "message_limit_exceeded", "too_many_attachments", "invalid_attachments", "attachment_payload_limit_exceeded",
        "method_deprecated", "deprecated_endpoint", "unknown_method", "untrusted_url", "internal_error", "fatal_error",
    ]

    /// Whether the code of a message that cannot be sent means that the bot may not post at this place, so that the
    /// asker alone can be answered.
    static func mayNotPost(_ code: String) -> Bool {
        !aboutOthers.contains(code) && !fatal.subtracting(["no_permission"]).contains(code)
    }

    /// Whether the thread is what Slack refuses: it was deleted or locked, or there are none in the channel.
    var isAboutThread: Bool {
        let beginnings = ["thread_not_found", "cannot_reply_to_message", "restricted_action_thread_lock"]
        return (beginnings + ["restricted_action_non_threadable"]).contains { code.hasPrefix($0) }
    }
}
