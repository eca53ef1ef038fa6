import Foundation

/// Whether anybody here hears Slack, as a pure machine: lanes come and go, gaps come out.
struct GapDetector: Sendable, Hashable {
    enum Change: Sendable, Hashable {
        /// Somebody hears for the first time since the start.
        case began
        /// Somebody hears again, or a connection turned out to have been dead for a while.
        case missed(Gap)
    }

    /// The lanes with a live connection.
    private(set) var live: Set<Int> = []
    private var hasBegun = false
    private var deafSince: Date?

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

    /// - Parameters:
    ///   - proven: until when the lane's connection was known to be alive.
    mutating func isLost(_ slot: Int, proven: Date) {
        guard live.remove(slot) != nil, live.isEmpty else { return }
        deafSince = min(deafSince ?? proven, proven)
    }

    /// A connection ended because it had been silent: Slack may have sent it events until now, and may not send all of
    /// them again.
    mutating func wasSilent(since proven: Date, at now: Date) -> Change? {
        guard !live.isEmpty else {
            if hasBegun { deafSince = min(deafSince ?? proven, proven) }
            return nil
        }
        return .missed(Gap(since: proven, until: now))
    }
}
