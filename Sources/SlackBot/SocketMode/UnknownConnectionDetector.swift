/// Finds connections that Slack counts and nobody reads, as a pure machine: half-open ones of a dead process, or those
/// of a stranger with the same token. Slack sends them their share of the events.
///
/// Slack tells its count in `hello` only, so the watch asks for a new one: a connection is renewed, the new one up before
/// the old goes. Nothing else can be done from here: Slack closes a dead connection in its own time.
struct UnknownConnectionDetector: Sendable, Hashable {
    /// How long a surplus may last: processes that ended still count, and connections that are being replaced.
    let gracePeriod: Duration
    /// Between two counts while there are ghosts.
    let pause: Duration

    enum Change: Sendable, Hashable {
        /// So many connections too many.
        case appeared(Int)
        case vanished
    }

    /// How many connections nobody here knows of; zero until the surplus has lasted.
    private(set) var unknownConnections = 0
    private var surplusSince: Duration?
    private var lastCount: Duration?

    init(gracePeriod: Duration = .seconds(60), pause: Duration = .seconds(300)) {
        self.gracePeriod = gracePeriod
        self.pause = pause
    }

    /// Slack counted: `reported` connections, where `expected` are known. Times are the time since the start.
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

    /// Whether Slack must count again now.
    mutating func wantsCount(at time: Duration) -> Bool {
        guard surplusSince != nil, let last = lastCount, time - last >= (unknownConnections > 0 ? pause : gracePeriod)
        else {
            return false
        }
        // An attempt counts as well: one that fails must not be repeated at once.
        lastCount = time
        return true
    }
}
