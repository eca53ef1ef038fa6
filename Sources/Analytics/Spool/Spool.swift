import Bridge
import Foundation
import Logging
import NIOConcurrencyHelpers

/// Where questions are kept while the store is away, and who knows whether it is. A question that is taken in, or gone
/// on with, while the store is away lives in this process's ``SpoolFile`` until nobody works on it; then it goes to the
/// store as it is (``SpoolImport``).
final class Spool: Sendable {
    /// A question in the spool.
    struct SpooledQuestion: Sendable {
        let thread: String
        let askedAt: Date
        var isEngaged = false
        var isLeaving = false
        /// Its rows are only half here: the other half is in the store.
        var isBorrowed = false
        /// The store did not take it, and said that this is no outage.
        var isRefused = false
        /// It waits for the store: half of it is here and its process is gone, or the store has it too.
        var isWaiting = false
        /// Its `accept` ended without the store's answer, so that the store may have it too.
        var isUnsure = false
    }

    struct State: Sendable {
        var availability = StoreAvailability()
        var questions: [ULID: SpooledQuestion] = [:]
        /// What this process has taken in lately, wherever it went.
        var recent = RecentKeys()
        var people: [String: UserRow] = [:]
        var process: ProcessRow?
        var isMigrated = true
        /// Since when this process has used the store without a break.
        var inUseSince = ContinuousClock.now
    }

    /// How long the store may take before it counts as away.
    struct Limits: Sendable {
        /// To take a question in: its acknowledgement waits (decisions, section 1).
        var accept = Duration.milliseconds(500)
        /// To renew the leases, which last for five seconds: that the store is away is noticed before they are over.
        var renewal = Duration.seconds(2)
        /// For anything else.
        var other = Duration.seconds(3)
        /// To take a question that is in the spool and perhaps in the store too: it is not worked on before that.
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

    var isAway: Bool { state.withLockedValue { $0.availability.isAway } }

    func contains(_ id: ULID) -> Bool { state.withLockedValue { $0.questions[id] != nil } }

    func isBorrowed(_ id: ULID) -> Bool { state.withLockedValue { $0.questions[id]?.isBorrowed ?? false } }

    /// Runs work on the store. Throws what it throws; throws at once while the store is away.
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

    /// Throws while the store is away.
    func check() throws(StoreError) {
        if let reason = state.withLockedValue({ $0.availability.reason }) {
            throw StoreError(.unavailable, "the store is away: \(reason)")
        }
    }

    /// The store has failed in a way that says that it is away.
    func note(_ error: StoreError) {
        let isNews = state.withLockedValue { $0.availability.failed(error.message, at: Date()) }
        guard isNews else { return }
        logger.error(
            "The store is away; questions are kept in the spool until it is back.",
            metadata: ["reason": "\(error)"])
    }

    /// Takes a question for this process to work on. False when it is on its way to the store, or has to wait for it.
    func engage(_ id: ULID) -> Bool {
        state.withLockedValue { state in
            guard let question = state.questions[id], !question.isEngaged, !question.isLeaving, !question.isWaiting
            else { return false }
            state.questions[id]?.isEngaged = true
            return true
        }
    }

    func disengage(_ id: ULID) { state.withLockedValue { $0.questions[id]?.isEngaged = false } }

    /// What nobody works on; marked as leaving.
    func leaving() -> [ULID] {
        state.withLockedValue { state in
            let ids = state.questions.filter { !$0.value.isEngaged && !$0.value.isRefused }.keys.sorted()
            for id in ids { state.questions[id]?.isLeaving = true }
            return ids
        }
    }

    /// The questions that the store may have too.
    var unsure: Set<ULID> { state.withLockedValue { state in Set(state.questions.filter { $0.value.isUnsure }.keys) } }

    /// The store is away, so that these are worked on here.
    func goOn(with ids: Set<ULID>) {
        state.withLockedValue { state in
            for id in ids { state.questions[id]?.isUnsure = false }
        }
    }

    /// The store has the question.
    func waits(_ id: ULID) {
        state.withLockedValue { state in
            state.questions[id]?.isUnsure = false
            state.questions[id]?.isWaiting = true
        }
    }

    func refuses(_ id: ULID) { state.withLockedValue { $0.questions[id]?.isRefused = true } }

    func left(_ id: ULID) { state.withLockedValue { $0.questions[id] = nil } }

    func stays(_ id: ULID) { state.withLockedValue { $0.questions[id]?.isLeaving = false } }

    /// Whether an older question of the thread is here. (Ids sort by the time of the question.)
    func holdsUp(thread: String, _ askedAt: Date, _ id: ULID) -> Bool {
        state.withLockedValue { state in
            state.questions.contains { other, question in
                question.thread == thread && (question.askedAt, other) < (askedAt, id)
            }
        }
    }
}

/// The keys of what was taken in last, so that what is delivered again while the store is away is known again.
struct RecentKeys: Sendable {
    static let capacity = 8_192

    private var ids: [String: ULID] = [:]
    private var order: [String] = []
    private var oldest = 0

    subscript(_ key: String?) -> ULID? { key.flatMap { ids[$0] } }

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
    /// Who was met before, under the e-mail or the workspace's id; who is disabled under either is disabled.
    func remembered(_ seenUser: SeenUser) -> UserRow? {
        let byID = people.values.filter { row in
            seenUser.slackUserID != nil && row.slackUserID == seenUser.slackUserID
                && [seenUser.team, ""].contains(row.slackTeamID)
        }
        let found = [people[seenUser.email]].compactMap { $0 } + byID
        return found.first { !$0.isActive } ?? found.first
    }
}
