import Bridge
import Foundation

/// The claims of one process, with their leases by its own clock.
struct HeldClaims: Sendable {
    /// One claim.
    struct Entry: Sendable {
        let claim: Claim
        /// The end of the lease by this process's clock; never later than the store's.
        var until: ContinuousClock.Instant
        /// The end of the work that this process has written, else nil. This and the following are what a copy to the
        /// spool needs.
        var result: Result?
        /// What ``Store/locate(_:_:origin:planning:)`` has stored.
        var place: (question: Question, origin: QuestionOrigin)?
        /// The posts as in the outbox.
        var posts: [PostRow] = []
        /// True if `posts` are all rows of the outbox. False while those of an earlier claim have not been read.
        var knowsPosts: Bool
    }

    /// The end of the work of a claim, as it is stored.
    enum Result: Sendable {
        case ended(QuestionState)
        case waits(QuestionState.Reason, until: Date)
    }

    private var entries: [ULID: Entry] = [:]
    /// Claims that this process has given up and could not release. The store may still assign the questions to it, and
    /// no other process would claim them.
    private(set) var pendingReleases: [ULID: Claim] = [:]

    /// Questions of which a claim failed with an error, so that it may have been committed.
    private(set) var unconfirmed: Set<ULID> = []

    subscript(_ id: ULID) -> Entry? { entries[id] }

    /// Ids of the claims whose lease runs.
    func running(at now: ContinuousClock.Instant) -> Set<ULID> {
        Set(entries.filter { $0.value.until > now }.keys)
    }

    /// Adds a claim.
    ///
    /// - Parameter until: computed from the time before the database was called, so that it is never later than the
    ///   lease.
    mutating func take(_ claim: Claim, until: ContinuousClock.Instant) {
        entries[claim.id] = Entry(claim: claim, until: until, knowsPosts: claim.epoch <= 1)
    }

    /// Notes that a claim of the question failed with an error.
    mutating func markUnconfirmed(_ id: ULID) { unconfirmed.insert(id) }

    /// Removes the id from ``unconfirmed``. True if it was there.
    mutating func confirm(_ id: ULID) -> Bool { unconfirmed.remove(id) != nil }

    /// Notes a claim to be released at the next renewal.
    mutating func scheduleRelease(_ claim: Claim) { pendingReleases[claim.id] = claim }

    /// The store has released the claim.
    mutating func released(_ claim: Claim) {
        if pendingReleases[claim.id]?.epoch == claim.epoch { pendingReleases[claim.id] = nil }
    }

    /// Ids of the questions that this process works on.
    var ids: [ULID] { Array(entries.keys) }

    /// Sets the local end of every lease that the store has renewed. A claim that the store did not return expires at
    /// its old end.
    mutating func renew(_ held: Set<ULID>, of owner: String, until: ContinuousClock.Instant) {
        for (id, entry) in entries where entry.claim.owner == owner && held.contains(id) {
            entries[id]?.until = until
        }
    }

    /// True if this claim's lease runs.
    func holds(_ claim: Claim, at now: ContinuousClock.Instant) -> Bool {
        guard let entry = entries[claim.id] else { return false }
        return entry.claim.epoch == claim.epoch && entry.until > now
    }

    /// The epoch of this process's claim; nil without one.
    func epoch(of question: ULID) -> Int64? { entries[question]?.claim.epoch }

    /// - Parameter posts: all rows of the question in the outbox.
    mutating func note(_ posts: [PostRow], of id: ULID) {
        entries[id]?.posts = posts
        entries[id]?.knowsPosts = true
    }

    /// Repeats on the remembered post what ``Store/sent(_:part:ts:)`` and its siblings have stored.
    mutating func mark(_ id: ULID, part: Int, _ state: PostRow.State, ts: String?) {
        guard let index = entries[id]?.posts.firstIndex(where: { $0.part == part }) else { return }
        entries[id]?.posts[index].state = state
        entries[id]?.posts[index].attempts += 1
        if let ts { entries[id]?.posts[index].ts = ts }
    }

    /// Remembers the stored asker and thread.
    mutating func note(_ question: Question, _ origin: QuestionOrigin, of id: ULID) {
        entries[id]?.place = (question, origin)
    }

    /// The result and its posts are stored.
    mutating func note(_ result: Result, _ posts: [PostRow], of id: ULID) {
        guard var entry = entries[id] else { return }
        entry.result = result
        for post in posts {
            let post = post.planned(under: entry.claim)
            if let index = entry.posts.firstIndex(where: { $0.part == post.part }) {
                entry.posts[index] = post.inPlace(of: entry.posts[index])
            } else {
                entry.posts.append(post)
            }
        }
        entries[id] = entry
    }

    /// True if this process works on an older question of the row's thread.
    func holdsUp(_ row: QuestionRow) -> Bool {
        entries.values.contains { entry in
            let other = entry.claim.question
            return other.threadKey == row.threadKey && (other.askedAt, other.id) < (row.askedAt, row.id)
        }
    }

    /// The questions of a thread that this process works on and whose end it has not stored.
    func unended(inThread thread: String) -> [QuestionRow] {
        entries.values.filter { $0.result == nil }.map(\.claim.question)
            .filter { $0.threadKey == thread && !$0.state.isTerminal }
    }

    /// Removes the claim, but not a later one of the same question.
    mutating func remove(_ claim: Claim) {
        if entries[claim.id]?.claim.epoch == claim.epoch { entries[claim.id] = nil }
    }
}
