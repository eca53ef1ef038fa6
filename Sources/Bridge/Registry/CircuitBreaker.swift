/// A circuit breaker as a pure machine: after so many failures in a row nothing is sent for a while, then one probe
/// decides.
struct CircuitBreaker: Sendable, Hashable {
    typealias Instant = ContinuousClock.Instant

    enum State: Sendable, Hashable {
        case closed(failures: Int)
        /// Nothing is sent before that instant.
        case open(until: Instant)
        /// One probe is under way, since that instant; everything else is refused.
        case halfOpen(since: Instant)
    }

    /// Failures in a row that open it.
    let threshold: Int
    private let firstPause: Duration
    private let mostPause: Duration
    private var pause: Duration
    private(set) var state = State.closed(failures: 0)

    init(threshold: Int = 5, firstPause: Duration = .seconds(15), mostPause: Duration = .seconds(300)) {
        self.threshold = threshold
        self.firstPause = firstPause
        self.mostPause = mostPause
        pause = firstPause
    }

    var isClosed: Bool { if case .closed = state { true } else { false } }

    /// Whether a call may be sent now; the first after the pause is the probe.
    mutating func admits(at now: Instant) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until) where now < until: return false
        // A probe that never reported (its task died) must not close the way for ever.
        case .halfOpen(let since) where now < since + mostPause: return false
        case .open, .halfOpen:
            state = .halfOpen(since: now)
            return true
        }
    }

    /// A call had a result, or the server gave another sign of life.
    mutating func succeeded() {
        state = .closed(failures: 0)
        pause = firstPause
    }

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

    /// The call that was admitted ended without saying anything about the server: it was cancelled.
    mutating func withdrew(at now: Instant) {
        if case .halfOpen = state { state = .open(until: now) }
    }
}
