import Analytics
import Bridge
import Foundation

/// Whether what somebody says in a thread without a mention is for Omni (decisions, section 2). Pure.
struct FollowUp: Sendable {
    /// `threading.follow_up`: whose words may be for Omni.
    enum Rule: String, Sendable, Hashable, CaseIterable {
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

    let rule: Rule

    /// - Parameters:
    ///   - last: nil when Omni has not answered, or not what was asked last.
    ///   - heard: when somebody last said something in the thread that was not for Omni.
    func isForOmni(_ message: Overheard, after last: LastAnswer?, heard: Date?) -> Bool {
        guard rule != .never, message.mayBeForOmni, let last, let sentAt = message.question.sentAt else { return false }
        guard rule == .anyone || last.asker == message.question.user else { return false }
        // Written before the answer was there: it answers something else.
        guard sentAt > last.at, sentAt <= last.at.addingTimeInterval(Self.window) else { return false }
        return heard.map { $0 <= last.at } ?? true
    }
}

extension FollowUp.LastAnswer {
    /// The thread's newest question; nil while it is under way, and when the thread did not see how it ended.
    init?(_ row: QuestionRow) {
        // Who was turned away before Omni knew them has no role in the record.
        guard row.state.isTerminal, !row.isPrivate, !row.askerRole.isEmpty, let asker = row.origin.userID,
            let at = row.finishedAt
        else { return nil }
        self.init(asker: asker, at: at)
    }
}

/// A message in a channel's thread that does not name the bot.
struct Overheard: Sendable, Hashable {
    /// What it is if it is for Omni.
    let question: SlackQuestion
    /// It has words, names nobody else, and is an ordinary message.
    let mayBeForOmni: Bool
    /// It is more than a reaction: whoever spoke before was interrupted.
    let isTalk: Bool
}

/// When people last said something in each thread that was not for Omni: of bounded size, and when it forgets it says
/// so, as talk that may have been anywhere.
struct HeardTalk: Sendable {
    private let capacity: Int
    private var times: [String: Date] = [:]
    /// The newest time that was forgotten.
    private var forgotten: Date?

    init(capacity: Int = 10_000) { self.capacity = max(1, capacity) }

    mutating func note(_ thread: String, at time: Date) {
        times[thread] = max(times[thread] ?? time, time)
        guard times.count > capacity else { return }
        let oldest = times.sorted { $0.value < $1.value }.prefix((capacity + 1) / 2)
        for (thread, _) in oldest { times[thread] = nil }
        forgotten = [forgotten, oldest.last?.value].compactMap { $0 }.max()
    }

    func newest(in thread: String) -> Date? { [times[thread], forgotten].compactMap { $0 }.max() }
}
