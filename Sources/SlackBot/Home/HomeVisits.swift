import Bridge

/// A user who opened a tab of the app: its Home, or its direct messages.
struct HomeVisitor: Sendable, Hashable {
    let user: String
    /// The workspace through which the event came.
    let team: String
    /// The direct messages of the app and the user.
    let channel: String

    /// By its rules the user's rights are shown.
    var place: Place { Place(entryPoint: .slack, channel: channel, isDirect: true) }
}

/// Who has the App Home open, as far as Slack tells (it tells of no closing), and whose view is to be published, in
/// order. Each user is in either queue once, however often something happens.
struct HomeVisits: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long after its opening a Home is refreshed.
    static let freshness = Duration.seconds(3600)
    /// With more users than this the one who opened it first is forgotten.
    private static let most = 1000

    private var opened: [String: (visitor: HomeVisitor, at: Instant)] = [:]
    private var due: [String] = []
    private var changed: [String] = []

    /// The view is published next.
    mutating func open(_ visitor: HomeVisitor, at now: Instant) {
        opened[visitor.user] = (visitor, now)
        if opened.count > Self.most, let first = opened.min(by: { $0.value.at < $1.value.at })?.key {
            opened[first] = nil
        }
        if !due.contains(visitor.user) { due.append(visitor.user) }
    }

    /// Something that the user's view shows has changed. True when a refresh is to follow (``refreshNext()``).
    mutating func change(of user: String, at now: Instant) -> Bool {
        guard let visit = opened[user] else { return false }
        guard visit.at + Self.freshness > now else {
            opened[user] = nil
            return false
        }
        if !changed.contains(user) { changed.append(user) }
        return true
    }

    /// Makes the view that changed first due. False when none has changed.
    mutating func refreshNext() -> Bool {
        guard !changed.isEmpty else { return false }
        let user = changed.removeFirst()
        if !due.contains(user) { due.append(user) }
        return true
    }

    /// The user whose view is to be published now; nil when none is.
    mutating func next() -> HomeVisitor? {
        while !due.isEmpty {
            if let visit = opened[due.removeFirst()] { return visit.visitor }
        }
        return nil
    }
}
