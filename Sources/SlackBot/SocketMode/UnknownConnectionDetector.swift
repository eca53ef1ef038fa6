/// State machine that finds connections which Slack counts and no process of Omni reads: half-open ones of a dead
/// process, or those of another program with the same token. Slack sends them their share of the events.
///
/// Slack sends its count in `hello` only, so the detector asks for the renewal of a connection, where the new one opens
/// before the old one closes. An unknown connection cannot be closed from here: Slack closes a dead one after some
/// time.
struct UnknownConnectionDetector: Sendable, Hashable {
    /// How long a surplus may last before it is reported: Slack still counts connections of ended processes, and ones
    /// that are being replaced.
    let gracePeriod: Duration
    /// Between two counts while there are unknown connections.
    let pause: Duration

    /// A surplus was found, or is over.
    enum Change: Sendable, Hashable {
        /// The number of unknown connections.
        case appeared(Int)
        case vanished
    }

    /// Unknown connections; 0 until the surplus has lasted for ``gracePeriod``.
    private(set) var unknownConnections = 0
    private var surplusSince: Duration?
    private var lastCount: Duration?

    init(gracePeriod: Duration = .seconds(60), pause: Duration = .seconds(300)) {
        self.gracePeriod = gracePeriod
        self.pause = pause
    }

    /// Applies Slack's count: `reported` connections, where `expected` are known. Times are durations since the start.
    mutating func counted(_ reported: Int, expected: Int, at time: Duration) -> Change? {
        lastCount = time
        guard reported > expected else {
            surplusSince = nil
            defer { unknownConnections = 0 }
            return unknownConnections > 0 ? .vanished : nil
        }
        let since = surplusSince ?? time
        surplusSince = since
        guard time - since >= gracePeriod else { return nil }
        defer { unknownConnections = reported - expected }
        return unknownConnections == 0 ? .appeared(reported - expected) : nil
    }

    /// Whether a connection must be renewed now, for a new count.
    mutating func wantsCount(at time: Duration) -> Bool {
        guard surplusSince != nil, let last = lastCount, time - last >= (unknownConnections > 0 ? pause : gracePeriod)
        else {
            return false
        }
        // The attempt counts as a count: after one that fails the next is not made at once.
        lastCount = time
        return true
    }
}
