import Analytics
import Bridge
import Logging

/// Tells the asker of a question in a channel's thread that older questions of the thread come first. In direct messages
/// these are the asker's own, whose progress stands above it.
struct QueueNotice: Sendable {
    let store: Store
    let api: SlackAPI
    let deferred: DeferredWork
    let logger: Logger

    /// Queues the work for a question that was just accepted. Nothing is posted while the rate limit of the channel is
    /// used up, so that no answer waits for this message. Never waits.
    func tell(_ question: SlackQuestion) {
        guard question.kind != .direct, let thread = question.threadTS else { return }
        deferred.add("queue:\(question.originKey)") {
            do {
                let open = try await store.unended(inThread: question.threadKey)
                let count = Self.count(before: question.originKey, in: open)
                guard count > 0 else { return }
                try await api.postEphemeral(
                    SectionView.message(UserMessages.waitsForTurn(after: count)), in: question.channel,
                    to: question.user, thread: thread, maxWait: .zero, isRepeated: false)
            } catch {
                logger.debug("An asker was not told of older questions.", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The number of questions that come before this one; 0 once it is its turn, or it has ended.
    ///
    /// - Parameter open: the questions of the thread that have not ended, oldest first.
    static func count(before originKey: String, in open: [QuestionRow]) -> Int {
        guard let index = open.firstIndex(where: { $0.originKey == originKey }), open[index].state == .received else {
            return 0
        }
        // One that waits for its asker does not block its thread.
        return open[..<index].count { $0.state != .waiting }
    }
}
