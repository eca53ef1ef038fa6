import Bridge
import Foundation

/// The questions of a gap in the order in which they were asked, each once.
struct BackfillCandidates: Sendable {
    private var byKey: [String: SlackQuestion] = [:]
    /// Of the bot's own messages: another process may have a question that the record does not know yet.
    private var answered: [ULID] = []

    mutating func add(_ question: SlackQuestion, notBefore earliest: Date) {
        guard let sentAt = question.sentAt, sentAt >= earliest else { return }
        byKey[question.originKey] = question
    }

    mutating func add(answered id: ULID) { answered.append(id) }

    var keys: [String] { Array(byKey.keys) }

    /// Those that are neither known nor answered: the oldest, at most so many, and how many are left.
    func fresh(known: Set<String>, atMost limit: Int) -> (taken: [SlackQuestion], left: Int) {
        let fresh = byKey.values.filter { !known.contains($0.originKey) && !isAnswered($0) }.sorted { first, second in
            let times = (first.sentAt ?? .distantPast, second.sentAt ?? .distantPast)
            return times.0 == times.1 ? (first.ts ?? "") < (second.ts ?? "") : times.0 < times.1
        }
        let taken = Array(fresh.prefix(max(0, limit)))
        return (taken, fresh.count - taken.count)
    }

    private func isAnswered(_ question: SlackQuestion) -> Bool {
        guard let id = question.newID else { return false }
        return answered.contains { $0.isOfSameMicrosecond(as: id) }
    }
}
