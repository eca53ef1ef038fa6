import Bridge

/// What one process holds, by its own clock.
struct Holdings: Sendable {
    struct Holding: Sendable {
        let claim: Claim
        var until: ContinuousClock.Instant
        /// What is known of the question since it was claimed, for the case that the store goes away under it.
        var ended: QuestionState?
        var place: (question: Question, origin: Origin)?
        var posts: [PostRow] = []
        /// Whether `posts` are all that the outbox holds: an earlier claim may have left some that were not read yet.
        var knowsPosts: Bool
    }

    private var holdings: [ULID: Holding] = [:]
    /// Given up, and not yet given back: the store may still say that they are this process's, and then nobody else
    /// would ever take them.
    private(set) var owed: [ULID: Claim] = [:]

    /// Whether they were claimed is not known: an error came in the place of an answer.
    private(set) var doubtful: Set<ULID> = []

    subscript(_ id: ULID) -> Holding? { holdings[id] }

    /// Those whose lease still runs.
    func running(at now: ContinuousClock.Instant) -> Set<ULID> {
        Set(holdings.filter { $0.value.until > now }.keys)
    }

    /// - Parameter until: reckoned from before the database was asked, so that it never ends later than the lease.
    mutating func take(_ claim: Claim, until: ContinuousClock.Instant) {
        holdings[claim.id] = Holding(claim: claim, until: until, knowsPosts: claim.epoch <= 1)
    }

    mutating func doubt(_ id: ULID) { doubtful.insert(id) }

    /// True when there was doubt.
    mutating func undoubt(_ id: ULID) -> Bool { doubtful.remove(id) != nil }

    mutating func owe(_ claim: Claim) { owed[claim.id] = claim }

    mutating func gaveBack(_ claim: Claim) {
        if owed[claim.id]?.epoch == claim.epoch { owed[claim.id] = nil }
    }

    /// What this process works on.
    var ids: [ULID] { Array(holdings.keys) }

    /// What the process holds and the database did not name is lost, unless it was claimed meanwhile: then it has a lease
    /// of its own. Whoever was named has no longer lease than this one, also who had claimed for longer.
    mutating func renew(_ held: Set<ULID>, of owner: String, until: ContinuousClock.Instant) {
        for (id, holding) in holdings where holding.claim.owner == owner && held.contains(id) {
            holdings[id]?.until = until
        }
    }

    func holds(_ claim: Claim, at now: ContinuousClock.Instant) -> Bool {
        guard let holding = holdings[claim.id] else { return false }
        return holding.claim.epoch == claim.epoch && holding.until > now
    }

    func epoch(of question: ULID) -> Int64? { holdings[question]?.claim.epoch }

    /// - Parameter posts: all that the outbox of the question holds.
    mutating func note(_ posts: [PostRow], of id: ULID) {
        holdings[id]?.posts = posts
        holdings[id]?.knowsPosts = true
    }

    mutating func mark(_ id: ULID, part: Int, _ state: PostRow.State, ts: String?) {
        guard let index = holdings[id]?.posts.firstIndex(where: { $0.part == part }) else { return }
        holdings[id]?.posts[index].state = state
        holdings[id]?.posts[index].attempts += 1
        if let ts { holdings[id]?.posts[index].ts = ts }
    }

    mutating func note(_ question: Question, _ origin: Origin, of id: ULID) {
        holdings[id]?.place = (question, origin)
    }

    /// The ending is written, and with it what is to be said.
    mutating func note(_ ended: QuestionState, _ posts: [PostRow], of id: ULID) {
        guard var holding = holdings[id] else { return }
        holding.ended = ended
        for post in posts {
            let post = post.planned(under: holding.claim)
            if let index = holding.posts.firstIndex(where: { $0.part == post.part }) {
                holding.posts[index] = post.inPlace(of: holding.posts[index])
            } else {
                holding.posts.append(post)
            }
        }
        holdings[id] = holding
    }

    /// Whether an older question of that thread is worked on.
    func holdsUp(_ row: QuestionRow) -> Bool {
        holdings.values.contains { holding in
            let other = holding.claim.question
            return other.threadKey == row.threadKey && (other.askedAt, other.id) < (row.askedAt, row.id)
        }
    }

    mutating func drop(_ claim: Claim) {
        if holdings[claim.id]?.claim.epoch == claim.epoch { holdings[claim.id] = nil }
    }
}
