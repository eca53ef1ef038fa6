import Analytics
import Bridge
import Foundation

/// Whether a message in a thread without a mention is for Omni (decisions, section 2). Pure.
struct FollowUpRule: Sendable {
    /// `threading.follow_up`: whose words may be for Omni.
    enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Those of the person whom Omni answered last.
        case asker
        case anyone, never
    }

    /// What Omni said last in a thread.
    struct LastAnswer: Sendable, Hashable {
        /// The Slack id of the person who was answered.
        let asker: String
        let at: Date
    }

    /// So long after its answer Omni still takes a message as meant for it.
    static let window: TimeInterval = 30 * 60

    let mode: Mode

    /// - Parameters:
    ///   - last: nil when Omni has not answered, or not what was asked last.
    ///   - heard: when the last message of the thread that was not for Omni was posted.
    func isForOmni(_ message: UnaddressedMessage, after last: LastAnswer?, heard: Date?) -> Bool {
        guard mode != .never, message.mayBeForOmni, let last, let sentAt = message.question.sentAt else { return false }
        guard mode == .anyone || last.asker == message.question.user else { return false }
        // Written before the answer was there: it answers something else.
        guard sentAt > last.at, sentAt <= last.at.addingTimeInterval(Self.window) else { return false }
        return heard.map { $0 <= last.at } ?? true
    }
}

extension FollowUpRule.LastAnswer {
    /// The thread's newest question; nil while it is under way, and when the thread did not see how it ended.
    init?(_ row: QuestionRow) {
        // Who was turned away before Omni knew them has no role in the record.
        guard row.state.isTerminal, !row.isPrivate, !row.askerRole.isEmpty, let asker = row.origin.userID,
            let at = row.finishedAt
        else { return nil }
        self.init(asker: asker, at: at)
    }
}
