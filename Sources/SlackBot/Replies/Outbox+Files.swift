import Analytics
import Bridge

/// Uploading the files of an answer: into its thread, or to the asker's direct messages.
extension Outbox {
    /// A shared file may appear in its thread after this time only: Slack scans it first.
    static let sharing = Duration.seconds(2)

    /// Uploads and shares a file. Throws ``SlackError``.
    func upload(_ post: PostRow, _ claimed: ClaimedQuestion) async throws {
        let root = post.isDirect ? nil : claimed.root
        // A file without its thread must not go to the channel.
        guard root != nil || post.isDirect else { throw SlackError("thread_not_found", method: SlackAPI.sharing) }
        guard let file = FilePost(post.body), let content = file.bytes, !content.isEmpty else {
            throw SlackError("no_file_data", method: SlackAPI.sharing)
        }
        let channel = try await channel(of: post, claimed)
        let address = try await api.uploadAddress(ofFile: file.name, length: content.count, altText: file.altText)
        try await api.upload(content, to: address)
        Failpoint.fileUploaded.reach()
        try await api.share(
            address, title: file.title, in: channel, thread: root,
            comment: post.isDirect
                ? UserMessages.fileFrom(channel: claimed.incoming.channel, isImage: file.isImage) : nil,
            isWanted: { store.holds(claimed.claim) })
        Failpoint.fileShared.reach()
    }

    /// The id of the channel that the post goes to. Throws ``SlackError``.
    func channel(of post: PostRow, _ claimed: ClaimedQuestion) async throws -> String {
        post.isDirect ? try await api.directChannel(of: claimed.incoming.user) : claimed.incoming.channel
    }
}

extension SlackError {
    /// Whether no other file of the answer can be shared either when one has failed with this code: all have the same
    /// form and place, so that only a lack of content concerns one alone.
    static func concernsAllFiles(_ code: String) -> Bool { code != "no_file_data" && code != "file_not_found" }

    /// The response that this error of an upload means.
    var uploadResponse: PostDelivery.Response {
        if isRateLimit { return .busy }
        if method == SlackAPI.sharing, mayHaveHappened || code == "bad_answer" { return .unsure }
        // Before the last step nothing is visible.
        if mayHaveHappened || code == "unreachable" || code == "bad_answer" || code.hasPrefix("http_") { return .busy }
        // A renewed token lets the same call succeed later; a missing scope is said in the thread.
        return isFatal && code != "missing_scope" && code != "no_permission" ? .busy : .never
    }
}
