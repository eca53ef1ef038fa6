import Analytics
import Bridge

/// Posts that Slack refused, or that cannot be sent as planned, are replaced by others.
extension Outbox {
    /// Replaces the post, and those after it that are shown to the same users, by plain-text messages; or the post by
    /// one that is posted instead of edited. nil when the claim is lost or the store cannot be written.
    func replan(
        _ post: PostRow, _ result: PostDelivery.Result, _ queue: [PostRow], _ claimed: ClaimedQuestion
    ) async -> [PostRow]? {
        if case .replace(let ts) = result {
            var other = post
            other.ts = nil
            other.replaces = ts
            return await put([other] + queue, from: post.part, claimed)
        }
        // A line in the thread may be followed by messages that only the asker may see.
        let same = queue.prefix {
            $0.kind == post.kind && $0.isDirect == post.isDirect && $0.state != .sent && !$0.isSurplus
        }
        let usesEmoji = api.usesEmoji()
        let messages = ([post] + same).flatMap { AnswerMessages.plain(SlackMessage($0.body), usesEmoji: usesEmoji) }
        // A message with the key of one that is searched for would be found in its place.
        let searched = Set(queue.compactMap(\.searchedPart))
        let parts = (post.part...).lazy.filter { !searched.contains($0) }
        var posts =
            post.kind == .ephemeral
            ? claimed.privatePosts(messages, from: post.part, directly: post.isDirect)
            : zip(parts, messages).map { claimed.post(post.kind, part: $0, $1) }
        for (index, old) in zip(posts.indices, [post] + same) { posts[index].ts = old.ts }
        posts[0].replaces = post.replaces
        // There may be more messages before the others now.
        let next = (posts.last?.part ?? post.part) + 1
        for (index, other) in queue.dropFirst(same.count).enumerated() {
            posts.append(other.kind == .choice ? other : claimed.moved(other, to: next + index))
        }
        return await put(posts, from: post.part, claimed)
    }

    /// Replaces a file that cannot be shared by a message that says so, and by the content of a text file; together with
    /// the files after it if they cannot be shared either. nil when the claim is lost or the store cannot be written.
    func explain(
        _ post: PostRow, _ code: String, _ queue: [PostRow], _ claimed: ClaimedQuestion
    ) async -> [PostRow]? {
        logger.warning(
            "A file of an answer cannot be attached.",
            metadata: ["question": "\(claimed.claim.id)", "part": "\(post.part)", "code": "\(code)"])
        // After the files come the edits of earlier choices, whose parts do not change.
        let (rest, edits) = (queue.filter { $0.kind == .file }, queue.filter { $0.kind != .file })
        let isCommon = SlackError.concernsAllFiles(code)
        let files = (isCommon ? [post] + rest : [post]).map { FilePost($0.body) ?? .lost }
        let messages =
            [SectionView.message(UserMessages.notAttached(files, code: code))]
            + files.flatMap(AnswerMessages.instead)
        var posts =
            post.isDirect
            ? claimed.privatePosts(messages, from: post.part, directly: true)
            : messages.enumerated().map { claimed.post(.answer, part: post.part + $0, $1) }
        if !isCommon { for file in rest { posts.append(claimed.moved(file, to: post.part + posts.count)) } }
        return await put(posts + edits, from: post.part, claimed)
    }

    /// Stores the posts in place of those from `part` on, and returns them as they are in the outbox. A first post with
    /// a ts edits that message. nil when the claim is lost or the store cannot be written.
    func put(_ posts: [PostRow], from part: Int, _ claimed: ClaimedQuestion) async -> [PostRow]? {
        let isEdit = posts.first?.ts != nil
        let isPut = await written(claimed) {
            try await store.replan(claimed.claim, from: part, posts, keepingTS: isEdit)
        }
        guard isPut == true else { return nil }
        return posts.map { row in
            var row = row
            row.epoch = claimed.claim.epoch
            return row
        }
    }
}
