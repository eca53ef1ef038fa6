import Foundation

/// State machine over the live Socket Mode connections of this process. Emits a ``Gap`` for each period in which none
/// was live.
struct GapDetector: Sendable, Hashable {
    /// What a transition means for back-fill.
    enum Change: Sendable, Hashable {
        /// A connection is live for the first time since the start.
        case began
        /// A connection is live again after a gap, or a connection turned out to have been dead for a while.
        case missed(Gap)
    }

    /// The slots with a live connection.
    private(set) var live: Set<Int> = []
    private var hasBegun = false
    private var deafSince: Date?

    /// The slot has a live connection. Returns nil when no gap ends with it.
    mutating func isLive(_ slot: Int, at now: Date) -> Change? {
        live.insert(slot)
        guard hasBegun else {
            hasBegun = true
            return .began
        }
        guard let since = deafSince else { return nil }
        deafSince = nil
        return .missed(Gap(since: since, until: now))
    }

    /// The slot has no live connection; has an effect only when it had one and no other slot has one.
    ///
    /// - Parameter proven: the time until which the slot's connection is known to have been alive.
    mutating func isLost(_ slot: Int, proven: Date) {
        guard live.remove(slot) != nil, live.isEmpty else { return }
        deafSince = min(deafSince ?? proven, proven)
    }

    /// A connection ended because no pong arrived: Slack may have sent events to it until now, and may not deliver all
    /// of them again.
    mutating func wasSilent(since proven: Date, at now: Date) -> Change? {
        guard !live.isEmpty else {
            if hasBegun { deafSince = min(deafSince ?? proven, proven) }
            return nil
        }
        return .missed(Gap(since: proven, until: now))
    }
}
