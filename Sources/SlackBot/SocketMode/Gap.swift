import Foundation

/// A time in which something may have been said that this process was not told, by this machine's clock.
struct Gap: Sendable, Hashable {
    var since: Date
    var until: Date

    var length: Duration { .milliseconds(max(0, Int64(until.timeIntervalSince(since) * 1000))) }

    func joined(with other: Gap) -> Gap { Gap(since: min(since, other.since), until: max(until, other.until)) }
}
