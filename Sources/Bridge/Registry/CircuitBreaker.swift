/// A circuit breaker as a state machine without I/O: after `threshold` consecutive failures it admits no call for a
/// pause, then one call as a probe, whose result closes it or opens it again for twice the pause.
struct CircuitBreaker: Sendable, Hashable {
    typealias Instant = ContinuousClock.Instant

    /// The states of the breaker.
    enum State: Sendable, Hashable {
        /// Every call is admitted; the number of consecutive failures.
        case closed(failures: Int)
        /// No call is admitted before that instant.
        case open(until: Instant)
        /// A probe was admitted at that instant; no other call is.
        case halfOpen(since: Instant)
    }

    /// The number of consecutive failures that open it.
    let threshold: Int
    private let firstPause: Duration
    private let mostPause: Duration
    private var pause: Duration
    private(set) var state = State.closed(failures: 0)

    /// - Parameters:
    ///   - firstPause: the pause after the breaker opens; doubled after each failed probe.
    ///   - mostPause: the longest pause, and the time after which a probe without a result is given up.
    init(threshold: Int = 5, firstPause: Duration = .seconds(15), mostPause: Duration = .seconds(300)) {
        self.threshold = threshold
        self.firstPause = firstPause
        self.mostPause = mostPause
        pause = firstPause
    }

    /// False when calls are refused or a probe is due or in progress.
    var isClosed: Bool { if case .closed = state { true } else { false } }

    /// Whether a call may be sent now. The first call after the pause is the probe.
    mutating func admits(at now: Instant) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until) where now < until: return false
        // A probe that never reports a result must not keep the breaker open for ever.
        case .halfOpen(let since) where now < since + mostPause: return false
        case .open, .halfOpen:
            state = .halfOpen(since: now)
            return true
        }
    }

    /// A call or a ping was answered, or a listing succeeded: closes the breaker.
    mutating func succeeded() {
        state = .closed(failures: 0)
        pause = firstPause
    }

    /// A call or a ping failed: counted while closed, ends the probe while half open, ignored while open.
    mutating func failed(at now: Instant) {
        switch state {
        case .closed(let failures) where failures + 1 < threshold: state = .closed(failures: failures + 1)
        case .closed: state = .open(until: now + pause)
        case .halfOpen:
            pause = min(pause * 2, mostPause)
            state = .open(until: now + pause)
        case .open: break
        }
    }

    /// An admitted call was cancelled, which says nothing of the server: while half open the next call is the probe.
    mutating func withdrew(at now: Instant) {
        if case .halfOpen = state { state = .open(until: now) }
    }
}
