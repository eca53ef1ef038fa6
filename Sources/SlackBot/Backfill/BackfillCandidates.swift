import Bridge
import Foundation

/// The questions found in a gap, by origin key.
struct BackfillCandidates: Sendable {
    private var byKey: [String: SlackQuestion] = [:]
    /// Question ids in the metadata of the bot's own messages: another process may have a question that the store does
    /// not know yet.
    private var answered: [ULID] = []

    /// Adds a question, unless it was sent before `earliest`.
    mutating func add(_ question: SlackQuestion, notBefore earliest: Date) {
        guard let sentAt = question.sentAt, sentAt >= earliest else { return }
        byKey[question.originKey] = question
    }

    /// Adds the question id of a message of the bot.
    mutating func add(answered id: ULID) { answered.append(id) }

    /// The origin keys of the questions.
    var keys: [String] { Array(byKey.keys) }

    /// The questions that are neither known nor answered, oldest first.
    func fresh(known: Set<String>) -> [SlackQuestion] {
        byKey.values.filter { !known.contains($0.originKey) && !isAnswered($0) }.sorted { first, second in
            let times = (first.sentAt ?? .distantPast, second.sentAt ?? .distantPast)
            return times.0 == times.1 ? (first.ts ?? "") < (second.ts ?? "") : times.0 < times.1
        }
    }

    private func isAnswered(_ question: SlackQuestion) -> Bool {
        guard let id = question.newID else { return false }
        return answered.contains { $0.isOfSameMicrosecond(as: id) }
    }
}
