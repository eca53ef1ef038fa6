import Analytics
import Foundation
import Logging
import NIOConcurrencyHelpers

/// Decides whether a message without a mention is for Omni, from the thread's last question in the store and from the
/// messages that this process has received in the thread. Messages that other processes received, or this one before
/// its start, are unknown to it.
final class FollowUpFilter: Sendable {
    private let store: Store
    private let mode: @Sendable () -> FollowUpRule.Mode
    /// Limit of the store's look-up, because the acknowledgement waits for it; after it the message is not for Omni.
    private let timeout: Duration
    private let logger: Logger
    private let activity = NIOLockedValueBox(ThreadActivity())

    init(
        store: Store, mode: @escaping @Sendable () -> FollowUpRule.Mode, timeout: Duration = .milliseconds(300),
        logger: Logger
    ) {
        self.store = store
        self.mode = mode
        self.timeout = timeout
        self.logger = logger
    }

    /// Whether the message is for Omni; false when the store cannot be read in time. Remembers the time of a message
    /// that is not for Omni, unless it is only a reaction.
    func isForOmni(_ message: UnaddressedMessage) async -> Bool {
        let rule = FollowUpRule(mode: mode())
        let thread = message.question.threadKey
        if rule.mode != .never, message.mayBeForOmni {
            let last = await lastAnswer(before: message.question)
            let newest = activity.withLockedValue { $0.newest(in: thread) }
            if rule.isForOmni(message, after: last, newestOther: newest) { return true }
        }
        if message.isTalk, let sentAt = message.question.sentAt {
            activity.withLockedValue { $0.note(thread, at: sentAt) }
        }
        return false
    }

    /// Whether a question was asked in the message's thread before it. When the store cannot be read in time: whether
    /// this process has one there.
    func takesPart(inThreadOf message: SlackQuestion) async -> Bool {
        do {
            return try await lastQuestion(before: message) != nil
        } catch {
            return store.hasQuestionHere(inThread: message.threadKey)
        }
    }

    private func lastAnswer(before message: SlackQuestion) async -> FollowUpRule.LastAnswer? {
        (try? await lastQuestion(before: message)).flatMap { FollowUpRule.LastAnswer($0) }
    }

    private func lastQuestion(before message: SlackQuestion) async throws -> QuestionRow? {
        guard let sentAt = message.sentAt else { return nil }
        do {
            return try await store.lastQuestion(in: message.threadKey, before: sentAt, within: timeout)
        } catch {
            logger.debug("A thread could not be looked up.", metadata: ["error": "\(error)"])
            throw error
        }
    }
}
