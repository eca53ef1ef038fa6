import Analytics
import Bridge
import Foundation

/// Whether a message in a thread without a mention is for Omni. Pure.
struct FollowUpRule: Sendable {
    /// `threading.follow_up`: whose messages may be for Omni.
    enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Those of the user whose question Omni answered last.
        case asker
        case anyone, never
    }

    /// Omni's last answer in a thread.
    struct LastAnswer: Sendable, Hashable {
        /// Slack id of the user who was answered.
        let asker: String
        let at: Date
    }

    /// For this long after an answer a message may be for Omni, in seconds.
    static let window: TimeInterval = 30 * 60

    let mode: Mode

    /// Whether the message is for Omni.
    ///
    /// - Parameters:
    ///   - last: nil when Omni has not answered in the thread, or its newest question has no answer that the thread
    ///     saw.
    ///   - newestOther: time of the newest message in the thread that was not for Omni.
    func isForOmni(_ message: UnaddressedMessage, after last: LastAnswer?, newestOther: Date?) -> Bool {
        guard mode != .never, message.mayBeForOmni, let last, let sentAt = message.question.sentAt else { return false }
        guard mode == .anyone || last.asker == message.question.user else { return false }
        // A message that was sent before the answer does not respond to it.
        guard sentAt > last.at, sentAt <= last.at.addingTimeInterval(Self.window) else { return false }
        return newestOther.map { $0 <= last.at } ?? true
    }
}

extension FollowUpRule.LastAnswer {
    /// From the thread's newest question; nil while that is in flight, and when its outcome was private or a refusal of
    /// an unidentified user.
    init?(_ row: QuestionRow) {
        // The row of an asker who was refused before identification has no role.
        guard row.state.isTerminal, !row.isPrivate, !row.askerRole.isEmpty, let asker = row.origin.userID,
            let at = row.finishedAt
        else { return nil }
        self.init(asker: asker, at: at)
    }
}
