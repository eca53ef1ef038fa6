package import Foundation

/// State machine of the store's availability: one failure makes it unavailable, two successful probes in a row make it
/// available. Pure.
package struct StoreAvailability: Sendable, Hashable {
    /// Successful probes before the store is used again: a server that is starting rejects some.
    static let probes = 2

    /// When it became unavailable; nil while it is available.
    package private(set) var since: Date?
    /// The message of the first failure; nil while it is available.
    package private(set) var reason: String?
    private var good = 0

    package init() {}

    /// True while the store is unavailable.
    package var isAway: Bool { since != nil }

    /// It is available, or the last probe was successful.
    var isAnswering: Bool { !isAway || good > 0 }

    /// Records a failure. True if the store was available before.
    mutating func failed(_ reason: String, at time: Date) -> Bool {
        good = 0
        guard since == nil else { return false }
        (since, self.reason) = (time, reason)
        return true
    }

    /// Records a successful probe. True if the store may be used again, after the spool has been moved to it.
    mutating func answered() -> Bool {
        guard isAway else { return false }
        good += 1
        return good >= Self.probes
    }

    /// The store is used again.
    mutating func returned() { self = StoreAvailability() }
}

extension StoreError {
    /// The error means that the store cannot be used now, independent of the statement. The work may have happened
    /// (``mayHaveHappened``).
    package var saysAway: Bool {
        [.unavailable, .busy, .timeout, .commitUnknown].contains(code)
    }

    /// The work has happened, is still in progress, or has not happened.
    var mayHaveHappened: Bool { code == .timeout || code == .commitUnknown }

    /// The server rejects the login (SQLSTATE class 28) or has no such database (class 3D): waiting does not help.
    /// Appendix A of PostgreSQL's manual.
    var isLockedOut: Bool { sqlState?.hasPrefix("28") == true || sqlState?.hasPrefix("3D") == true }
}
