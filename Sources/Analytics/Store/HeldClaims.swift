import Bridge

/// What one process holds, by its own clock.
struct HeldClaims: Sendable {
    struct Entry: Sendable {
        let claim: Claim
        var until: ContinuousClock.Instant
        /// What is known of the question since it was claimed, for the case that the store goes away under it.
        var ended: QuestionState?
        var place: (question: Question, origin: QuestionOrigin)?
        var posts: [PostRow] = []
        /// Whether `posts` are all that the outbox holds: an earlier claim may have left some that were not read yet.
        var knowsPosts: Bool
    }

    private var entries: [ULID: Entry] = [:]
    /// Given up, and not yet given back: the store may still say that they are this process's, and then nobody else
    /// would ever take them.
    private(set) var pendingReleases: [ULID: Claim] = [:]

    /// Whether they were claimed is not known: an error came in the place of an answer.
    private(set) var unconfirmed: Set<ULID> = []

    subscript(_ id: ULID) -> Entry? { entries[id] }

    /// Those whose lease still runs.
    func running(at now: ContinuousClock.Instant) -> Set<ULID> {
        Set(entries.filter { $0.value.until > now }.keys)
    }

    /// - Parameter until: reckoned from before the database was asked, so that it never ends later than the lease.
    mutating func take(_ claim: Claim, until: ContinuousClock.Instant) {
        entries[claim.id] = Entry(claim: claim, until: until, knowsPosts: claim.epoch <= 1)
    }

    mutating func markUnconfirmed(_ id: ULID) { unconfirmed.insert(id) }

    /// True when there was doubt.
    mutating func confirm(_ id: ULID) -> Bool { unconfirmed.remove(id) != nil }

    mutating func scheduleRelease(_ claim: Claim) { pendingReleases[claim.id] = claim }

    mutating func released(_ claim: Claim) {
        if pendingReleases[claim.id]?.epoch == claim.epoch { pendingReleases[claim.id] = nil }
    }

    /// What this process works on.
    var ids: [ULID] { Array(entries.keys) }

    /// What the process holds and the database did not name is lost, unless it was claimed meanwhile: then it has a lease
    /// of its own. Whoever was named has no longer lease than this one, also who had claimed for longer.
    mutating func renew(_ held: Set<ULID>, of owner: String, until: ContinuousClock.Instant) {
        for (id, entry) in entries where entry.claim.owner == owner && held.contains(id) {
            entries[id]?.until = until
        }
    }

    func holds(_ claim: Claim, at now: ContinuousClock.Instant) -> Bool {
        guard let entry = entries[claim.id] else { return false }
        return entry.claim.epoch == claim.epoch && entry.until > now
    }

    func epoch(of question: ULID) -> Int64? { entries[question]?.claim.epoch }

    /// - Parameter posts: all that the outbox of the question holds.
    mutating func note(_ posts: [PostRow], of id: ULID) {
        entries[id]?.posts = posts
        entries[id]?.knowsPosts = true
    }

    mutating func mark(_ id: ULID, part: Int, _ state: PostRow.State, ts: String?) {
        guard let index = entries[id]?.posts.firstIndex(where: { $0.part == part }) else { return }
        entries[id]?.posts[index].state = state
        entries[id]?.posts[index].attempts += 1
        if let ts { entries[id]?.posts[index].ts = ts }
    }

    mutating func note(_ question: Question, _ origin: QuestionOrigin, of id: ULID) {
        entries[id]?.place = (question, origin)
    }

    /// The ending is written, and with it what is to be said.
    mutating func note(_ ended: QuestionState, _ posts: [PostRow], of id: ULID) {
        guard var entry = entries[id] else { return }
        entry.ended = ended
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

    /// Whether an older question of that thread is worked on.
    func holdsUp(_ row: QuestionRow) -> Bool {
        entries.values.contains { entry in
            let other = entry.claim.question
            return other.threadKey == row.threadKey && (other.askedAt, other.id) < (row.askedAt, row.id)
        }
    }

    mutating func remove(_ claim: Claim) {
        if entries[claim.id]?.claim.epoch == claim.epoch { entries[claim.id] = nil }
    }
}
