import Analytics
import Bridge
import Foundation

/// A question of a user's history.
struct PastQuestion: Sendable, Hashable {
    let state: QuestionState
    let askedAt: Date
    let text: String
    /// nil while the question has not ended.
    var usage: Usage?
    /// The message that asked it, or the root of its thread; nil outside Slack and for a private answer to a command.
    let message: MessageAddress?
    /// Address of the message for people; nil when it is not known.
    var link: String?

    /// What an ended question took.
    struct Usage: Sendable, Hashable {
        /// The time of work on it.
        let milliseconds: Int
        /// nil when the price of a model is not known.
        let cost: Money?
    }

    /// A question that has not ended.
    init(_ row: QuestionRow) {
        state = row.state
        askedAt = row.askedAt
        text = row.text
        message = MessageAddress(row.origin.channel, row.origin.messageTS ?? row.origin.threadTS)
    }

    /// A question that has ended.
    init(_ row: AuditRow) {
        state =
            switch (row.errorCode, row.status) {
            case (ErrorCode.cancelled.rawValue, _): .cancelled
            case (ErrorCode.interrupted.rawValue, _): .interrupted
            case (_, .error): row.wasBlocked ? .refused : .failed
            default: .answered
            }
        askedAt = row.timestamp
        text = row.messagePreview
        usage = Usage(milliseconds: row.durationMilliseconds, cost: row.priceKnown ? row.cost : nil)
        message = MessageAddress(row.slackChannel, row.slackMessageTS ?? row.slackThreadTS)
    }
}

extension MessageAddress {
    /// nil when one of both is not known.
    fileprivate init?(_ channel: String?, _ ts: String?) {
        guard let channel, let ts else { return nil }
        self.init(channel: channel, ts: ts)
    }
}
