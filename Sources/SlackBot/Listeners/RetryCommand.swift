import Analytics
import Bridge
import Logging

/// `!retry` in a thread: asks a question of the thread again, as "Retry" under its answer does. That is the newest that
/// the writer asked; for an administrator the newest of all whose answers others may see.
struct RetryCommand: Sendable {
    let store: Store
    let acceptor: QuestionAcceptor
    let queueNotice: QueueNotice
    let live: LiveSettings
    let logger: Logger

    /// Why no question is asked again; nil when one is.
    func answer(_ message: SlackQuestion, by principal: Principal) async -> SlackMessage? {
        do {
            let isAdmin = live.snapshot.policy.isAdmin(principal)
            return try await repeatNewest(before: message, isAdmin: isAdmin).map { SectionView.message($0) }
        } catch {
            logger.warning("A question was not asked again.", metadata: ["error": "\(error)"])
            return SectionView.message(UserMessages.writeRetryAgain)
        }
    }

    private func repeatNewest(before message: SlackQuestion, isAdmin: Bool) async throws -> String? {
        // Questions after the message do not count, so that a second delivery finds the same one.
        guard let sentAt = message.sentAt,
            let newest = try await store.lastQuestion(in: message.threadKey, before: sentAt)
        else { return UserMessages.nothingToRetry }
        var found: QuestionRow? = newest
        if newest.origin.userID != message.user, !isAdmin || newest.isPrivate {
            found = try await store.lastQuestion(in: message.threadKey, before: sentAt, askedBy: message.user)
        }
        guard let found else { return UserMessages.nothingOfYoursToRetry }
        guard found.state.isTerminal else { return UserMessages.retryTooEarly }
        return try await acceptor.acceptAgain(found, by: message.user, queueNotice)
    }
}
