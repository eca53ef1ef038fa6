import Analytics
import Foundation
import Logging
import NIOConcurrencyHelpers

/// Decides of overheard messages whether they are for Omni, from what the record says of their thread and what this
/// process has heard in it. What another process heard, or this one before its start, is not known here.
final class FollowUps: Sendable {
    private let record: Record
    private let rule: @Sendable () -> FollowUp.Rule
    /// An acknowledgement waits for no longer than this; then the message is not for Omni.
    private let patience: Duration
    private let logger: Logger
    private let heard = NIOLockedValueBox(HeardTalk())

    init(
        record: Record, rule: @escaping @Sendable () -> FollowUp.Rule, patience: Duration = .milliseconds(300),
        logger: Logger
    ) {
        self.record = record
        self.rule = rule
        self.patience = patience
        self.logger = logger
    }

    /// Never throws, and asks nobody but the record. Remembers talk that is not for Omni.
    func isForOmni(_ message: Overheard) async -> Bool {
        let followUp = FollowUp(rule: rule())
        let thread = message.question.threadKey
        if followUp.rule != .never, message.mayBeForOmni {
            let last = await lastAnswer(before: message.question)
            let heard = heard.withLockedValue { $0.newest(in: thread) }
            if followUp.isForOmni(message, after: last, heard: heard) { return true }
        }
        if message.isTalk, let sentAt = message.question.sentAt {
            heard.withLockedValue { $0.note(thread, at: sentAt) }
        }
        return false
    }

    private func lastAnswer(before message: SlackQuestion) async -> FollowUp.LastAnswer? {
        guard let sentAt = message.sentAt else { return nil }
        do {
            return try await record.lastQuestion(in: message.threadKey, before: sentAt, within: patience)
                .flatMap { FollowUp.LastAnswer($0) }
        } catch {
            logger.debug("A thread could not be looked up.", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
