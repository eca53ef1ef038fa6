/// Finds connections that Slack counts and nobody reads, as a pure machine: half-open ones of a dead process, or those
/// of a stranger with the same token. Slack sends them their share of the events.
///
/// Slack tells its count in `hello` only, so the watch asks for a new one: a connection is renewed, the new one up before
/// the old goes. Nothing else can be done from here: Slack closes a dead connection in its own time.
struct GhostWatch: Sendable, Hashable {
    /// How long a surplus may last: processes that ended still count, and connections that are being replaced.
    let patience: Duration
    /// Between two counts while there are ghosts.
    let pause: Duration

    enum Change: Sendable, Hashable {
        /// So many connections too many.
        case appeared(Int)
        case vanished
    }

    /// How many connections nobody here knows of; zero until the surplus has lasted.
    private(set) var ghosts = 0
    private var surplusSince: Duration?
    private var lastCount: Duration?

    init(patience: Duration = .seconds(60), pause: Duration = .seconds(300)) {
        self.patience = patience
        self.pause = pause
    }

    /// Slack counted: `reported` connections, where `expected` are known. Times are the time since the start.
    mutating func counted(_ reported: Int, expected: Int, at time: Duration) -> Change? {
        lastCount = time
        guard reported > expected else {
            surplusSince = nil
            defer { ghosts = 0 }
            return ghosts > 0 ? .vanished : nil
        }
        let since = surplusSince ?? time
        surplusSince = since
        guard time - since >= patience else { return nil }
        defer { ghosts = reported - expected }
        return ghosts == 0 ? .appeared(reported - expected) : nil
    }

    /// Whether Slack must count again now.
    mutating func wantsCount(at time: Duration) -> Bool {
        guard surplusSince != nil, let last = lastCount, time - last >= (ghosts > 0 ? pause : patience) else {
            return false
        }
        // An attempt counts as well: one that fails must not be repeated at once.
        lastCount = time
        return true
    }
}
