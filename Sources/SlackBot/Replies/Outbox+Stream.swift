import Analytics
import Bridge

extension Outbox {
    /// Ends the stream of the message `ts`. Throws ``SlackError``.
    ///
    /// - Parameter isWhole: whether with the chunks and blocks of the post's `stop`; else the message stays as it is.
    func stopStream(_ ts: String, _ post: PostRow, _ claimed: ClaimedQuestion, isWhole: Bool) async throws {
        let last = isWhole ? post.body?["stop"] : nil
        try await api.stopStream(
            MessageAddress(channel: claimed.incoming.channel, ts: ts),
            (last?["chunks"]?.array ?? []).compactMap { StreamChunk($0) }, blocks: last?["blocks"]?.array ?? [],
            metadata: MessageKey(post).metadata, isWanted: { store.holds(claimed.claim) })
    }
}
