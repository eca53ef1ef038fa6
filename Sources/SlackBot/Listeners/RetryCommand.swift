import Analytics
import Bridge
import Logging

/// `!retry` in a thread: asks a question of the thread again, as "Retry" under its answer does. That is the newest that
/// the writer asked; for an administrator the newest of all whose answers others may see.
struct RetryCommand: Sendable {
    let store: Store
    let acceptor: QuestionAcceptor
    let resolver: PrincipalResolver
    let live: LiveSettings
    let deferred: DeferredWork
    let logger: Logger

    /// Queues the work. The writer alone is told when no question is asked again. Never waits.
    func answer(_ message: SlackQuestion) {
        deferred.add(message.originKey) {
            guard let text = await carryOut(message) else { return }
            do {
                try await acceptor.otherProcess.api.postPrivately(
                    SectionView.message(text), in: message.channel, to: message.user, thread: message.threadTS)
            } catch {
                logger.info("A command in a thread was not responded to.", metadata: ["error": "\(error)"])
            }
        }
    }

    private func carryOut(_ message: SlackQuestion) async -> String? {
        do {
            switch await resolver.principal(slackUser: message.user, team: message.team) {
            case .refused(let reason): return reason
            case .known(let principal):
                return try await repeatNewest(before: message, isAdmin: live.snapshot.policy.isAdmin(principal))
            }
        } catch {
            logger.warning("A question was not asked again.", metadata: ["error": "\(error)"])
            return UserMessages.writeRetryAgain
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
        return try await acceptor.acceptAgain(found, by: message.user)
    }
}
