package import Foundation

/// Whether the store answers, as a value: one failure and it is away, two good probes and it is back. Pure.
package struct StoreAvailability: Sendable, Hashable {
    /// Good probes after which a store that was away is used again: a server that just starts refuses some.
    static let probes = 2

    /// When it went away; nil while it answers.
    package private(set) var since: Date?
    /// What the first failure said; nil while it answers.
    package private(set) var reason: String?
    private var good = 0

    package init() {}

    package var isAway: Bool { since != nil }

    /// Something failed that says so. True when this is the news.
    mutating func failed(_ reason: String, at time: Date) -> Bool {
        good = 0
        guard since == nil else { return false }
        (since, self.reason) = (time, reason)
        return true
    }

    /// A probe was answered. True when the store may be used again, once what was spooled is in it.
    mutating func answered() -> Bool {
        guard isAway else { return false }
        good += 1
        return good >= Self.probes
    }

    /// It is used again.
    mutating func returned() { self = StoreAvailability() }
}

extension StoreError {
    /// The store cannot be used now, whatever was asked of it. After some of these the work may have happened.
    var saysAway: Bool {
        [.unavailable, .busy, .timeout, .commitUnknown].contains(code)
    }

    /// What was asked of the store is done, or still under way, or not done.
    var mayHaveHappened: Bool { code == .timeout || code == .commitUnknown }

    /// The server is there and does not let us in, or has no such database: waiting does not help. Classes 28 and 3D
    /// of PostgreSQL's codes, Appendix A of its manual.
    var isLockedOut: Bool { sqlState?.hasPrefix("28") == true || sqlState?.hasPrefix("3D") == true }
}
