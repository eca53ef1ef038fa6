import Bridge
import Foundation
import Logging
import NIOConcurrencyHelpers

/// The spool of this process and its knowledge whether the store is available. A question that is accepted or continued
/// while the store is unavailable is stored in the process's ``SpoolFile`` until the process does not work on it any
/// more; then it is moved to the store (``SpoolImport``).
final class Spool: Sendable {
    /// What is known in memory of a question in the spool.
    struct SpooledQuestion: Sendable {
        /// `questions.thread_key`.
        let thread: String
        let askedAt: Date
        /// This process works on it.
        var isEngaged = false
        /// It is being moved to the store.
        var isLeaving = false
        /// It was claimed in the store: the store has its earlier steps, the spool only what was written since.
        var isBorrowed = false
        /// The store rejected it with an error that does not mean unavailability.
        var isRefused = false
        /// It must not be processed from the spool: the store has it too, or has its earlier steps and the process that
        /// wrote them is gone.
        var isWaiting = false
        /// `accept` timed out or lost its connection, so the store may have it too.
        var isUnsure = false
        /// The store has the same message under another id.
        var isDuplicate = false
    }

    /// What the tasks of this process share.
    struct State: Sendable {
        var availability = StoreAvailability()
        var questions: [ULID: SpooledQuestion] = [:]
        /// The origin keys of the questions that this process accepted last, in the store or in the spool.
        var recent = RecentKeys()
        /// The origin keys of the questions that are being accepted.
        var accepting: Set<String> = []
        /// The store's users by e-mail, for the time when the store is unavailable.
        var people: [String: UserRow] = [:]
        /// This process, once it has registered; nil before.
        var process: ProcessRow?
        /// Since when this process has used the store without interruption.
        var inUseSince = ContinuousClock.now
    }

    /// How long a call of the store may take before the store counts as unavailable.
    struct Limits: Sendable {
        /// For `accept`: Slack's acknowledgement waits for it.
        var accept = Duration.milliseconds(500)
        /// For the renewal of leases, which last 5 s: an outage is noticed before they expire.
        var renewal = Duration.seconds(2)
        /// For all other calls.
        var other = Duration.seconds(3)
        /// For the import of a question that the store may have too; the question is not processed before that.
        var look = Duration.seconds(3)
    }

    let limits: Limits
    let file: SpoolFile
    let state = NIOLockedValueBox(State())
    let logger: Logger

    init(folder: String, limits: Limits, logger: Logger) {
        self.limits = limits
        file = SpoolFile(folder: folder, logger: logger)
        self.logger = logger
    }

    /// True while the store is unavailable.
    var isAway: Bool { state.withLockedValue { $0.availability.isAway } }

    /// True if the question is in the spool.
    func contains(_ id: ULID) -> Bool { state.withLockedValue { $0.questions[id] != nil } }

    /// See ``SpooledQuestion/isBorrowed``. False for a question that is not in the spool.
    func isBorrowed(_ id: ULID) -> Bool { state.withLockedValue { $0.questions[id]?.isBorrowed ?? false } }

    /// Runs work on the store with a limit. Throws `.unavailable` at once while the store is unavailable, else what the
    /// work throws. An error that means unavailability is noted.
    func ask<Value: Sendable>(
        _ database: any SQLDatabase, within limit: Duration,
        _ work: @escaping @Sendable (any SQLDatabase) async throws -> Value
    ) async throws -> Value {
        try check()
        do {
            return try await work(database.withTimeout(limit))
        } catch let error as StoreError where error.saysAway {
            note(error)
            throw error
        }
    }

    /// Throws ``StoreError`` `.unavailable` while the store is unavailable.
    func check() throws(StoreError) {
        if let reason = state.withLockedValue({ $0.availability.reason }) {
            throw StoreError(.unavailable, "the store is unavailable: \(reason)")
        }
    }

    /// Marks the store as unavailable; logs the first such error.
    func note(_ error: StoreError) {
        let isNews = state.withLockedValue { $0.fail(error.message) }
        guard isNews else { return }
        logger.error(
            "The store is unavailable; questions are kept in the spool until it is back.",
            metadata: ["reason": "\(error)"])
    }

    /// Reserves a question for processing by this process. False if it is reserved already, is being moved to the
    /// store, or waits for the store.
    func engage(_ id: ULID) -> Bool {
        state.withLockedValue { state in
            guard let question = state.questions[id], !question.isEngaged, !question.isLeaving, !question.isWaiting
            else { return false }
            state.questions[id]?.isEngaged = true
            return true
        }
    }

    /// Ends the reservation of ``engage(_:)``.
    func disengage(_ id: ULID) { state.withLockedValue { $0.questions[id]?.isEngaged = false } }

    /// The questions that may be moved to the store: not in progress, not rejected. Marks them as leaving.
    func leaving() -> [ULID] {
        state.withLockedValue { state in
            let ids = state.questions.filter { !$0.value.isEngaged && !$0.value.isRefused }.keys.sorted()
            for id in ids { state.questions[id]?.isLeaving = true }
            return ids
        }
    }

    /// The questions that the store may have too, because `accept` ended without its answer.
    var unsure: Set<ULID> { state.withLockedValue { state in Set(state.questions.filter { $0.value.isUnsure }.keys) } }

    /// The store is available, or the last probe says that it may be soon.
    var isAnswering: Bool { state.withLockedValue { $0.availability.isAnswering } }

    /// The store is unavailable, so these questions are processed from the spool.
    func goOn(with ids: Set<ULID>) {
        state.withLockedValue { state in
            for id in ids { state.questions[id]?.isUnsure = false }
        }
    }

    /// The store has the question: the copy in the spool is not processed, unless the store fails again.
    ///
    /// - Parameter isDuplicate: whether the store has it under another id.
    func waits(_ id: ULID, isDuplicate: Bool) {
        state.withLockedValue { state in
            state.questions[id]?.isUnsure = false
            state.questions[id]?.isWaiting = true
            state.questions[id]?.isDuplicate = isDuplicate
        }
    }

    /// The store rejected the question: it is not sent again before the next start.
    func refuses(_ id: ULID) { state.withLockedValue { $0.questions[id]?.isRefused = true } }

    /// The question is in the store and not in the spool any more, or was never written to the spool.
    func left(_ id: ULID) { state.withLockedValue { $0.questions[id] = nil } }

    /// The move of the question has ended; a question that is still in the spool may be processed and moved again.
    func stays(_ id: ULID) { state.withLockedValue { $0.questions[id]?.isLeaving = false } }

    /// True if the spool has a question of the thread.
    func hasQuestions(ofThread thread: String) -> Bool {
        state.withLockedValue { $0.questions.values.contains { $0.thread == thread } }
    }

    /// True if the spool has an older question of the thread. Questions of the same time are ordered by id.
    func holdsUp(thread: String, _ askedAt: Date, _ id: ULID) -> Bool {
        state.withLockedValue { state in
            state.questions.contains { other, question in
                question.thread == thread && (question.askedAt, other) < (askedAt, id)
            }
        }
    }
}

/// The origin keys of the last ``capacity`` accepted questions: a duplicate delivery is recognised while the store is
/// unavailable.
struct RecentKeys: Sendable {
    static let capacity = 8_192

    private var ids: [String: ULID] = [:]
    private var order: [String] = []
    private var oldest = 0

    subscript(_ key: String?) -> ULID? { key.flatMap { ids[$0] } }

    /// Adds a key and evicts the oldest one if there are ``capacity``. A nil or known key changes nothing.
    mutating func note(_ key: String?, _ id: ULID) {
        guard let key, ids[key] == nil else { return }
        ids[key] = id
        if order.count < Self.capacity {
            order.append(key)
        } else {
            ids[order[oldest]] = nil
            order[oldest] = key
            oldest = (oldest + 1) % Self.capacity
        }
    }
}

extension Spool.State {
    /// The store failed. True if it was available before. What was left to it is in doubt again, so that a question is
    /// not held up until the store is used again; one that the store has under another id is another's.
    mutating func fail(_ reason: String) -> Bool {
        for (id, question) in questions where question.isWaiting && !question.isBorrowed && !question.isDuplicate {
            questions[id]?.isWaiting = false
            questions[id]?.isUnsure = true
        }
        return availability.failed(reason, at: Date())
    }

    /// The known user with this e-mail or this workspace id; a disabled row wins. nil if none is known.
    func remembered(_ seenUser: SeenUser) -> UserRow? {
        let byID = people.values.filter { row in
            seenUser.slackUserID != nil && row.slackUserID == seenUser.slackUserID
                && [seenUser.team, ""].contains(row.slackTeamID)
        }
        let found = [people[seenUser.email]].compactMap { $0 } + byID
        return found.first { !$0.isActive } ?? found.first
    }
}
