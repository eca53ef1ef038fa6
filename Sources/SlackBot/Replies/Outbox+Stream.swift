import Analytics
import Bridge

extension Outbox {
    /// Edits the progress message if the method's limit has capacity; a stream is ended before. False without capacity.
    /// Throws ``SlackError``, and `CancellationError` when the lease does not run.
    func updateProgress(_ address: MessageAddress, to message: SlackMessage, of claim: Claim) async throws -> Bool {
        do {
            // The process that holds the question now may have edited this message into the answer.
            return try await api.updateIfAffordable(address, to: message) { store.holds(claim) }
        } catch let error as SlackError where error.code == "streaming_state_conflict" {
            try await endStream(address, part: 0, of: claim)
            return try await api.updateIfAffordable(address, to: message) { store.holds(claim) }
        }
    }

    /// Ends the stream of that part as it is. Throws as ``updateProgress(_:to:of:)``.
    func endStream(
        _ address: MessageAddress, part: Int, of claim: Claim, session: SessionStatus = .active
    ) async throws {
        // After an edit the cards, which have the key of an open stream, are gone.
        let key = MessageKey(question: claim.id, part: part)
        try await api.stopStream(address, metadata: key.metadata, session: session, maxWait: .zero) {
            store.holds(claim)
        }
    }

    /// Performs `finish`, `close` or `remove`. Throws ``SlackError``.
    func end(_ post: PostRow, _ claimed: ClaimedQuestion, by action: PostDelivery.Action) async throws {
        switch action {
        case .finish(let ts): try await stopStream(ts, post, claimed, with: post.streamRest)
        case .close(let ts): try await stopStream(ts, post, claimed, with: nil)
        case .remove(let ts): try await api.delete(MessageAddress(channel: claimed.incoming.channel, ts: ts))
        default: break
        }
    }

    /// - Parameter rest: nil: the message stays as it is.
    private func stopStream(
        _ ts: String, _ post: PostRow, _ claimed: ClaimedQuestion, with rest: PostRow.StreamRest?
    ) async throws {
        try await api.stopStream(
            MessageAddress(channel: claimed.incoming.channel, ts: ts), rest?.chunks ?? [], blocks: rest?.blocks ?? [],
            metadata: MessageKey(post).metadata, isWanted: { store.holds(claimed.claim) })
    }
}
