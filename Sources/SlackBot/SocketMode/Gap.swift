import Foundation

/// A period in which Slack may have had events that this process did not receive, by this machine's clock.
struct Gap: Sendable, Hashable {
    var since: Date
    var until: Date

    var length: Duration { .milliseconds(max(0, Int64(until.timeIntervalSince(since) * 1000))) }

    /// The shortest period that contains both.
    func joined(with other: Gap) -> Gap { Gap(since: min(since, other.since), until: max(until, other.until)) }
}
