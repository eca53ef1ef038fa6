/// Token bucket: a full bucket holds `capacity` calls, and one is added in each `interval`. Pure: the caller passes the
/// instants.
struct TokenBucket: Sendable, Hashable {
    private let capacity: Int
    private let interval: Duration
    /// When the bucket is full again, counting the calls that are reserved.
    private var fullAt: ContinuousClock.Instant
    /// No call is made before this instant.
    private(set) var heldUntil: ContinuousClock.Instant

    /// A full bucket.
    init(capacity: Int, interval: Duration, at now: ContinuousClock.Instant) {
        self.capacity = capacity
        self.interval = interval
        (fullAt, heldUntil) = (now, now)
    }

    /// When the next call may be made, if it is requested now.
    func turn(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        max(now, heldUntil, fullAt - interval * (capacity - 1))
    }

    /// Reserves the turn that ``turn(at:)`` returned: later calls get later turns.
    mutating func take(_ turn: ContinuousClock.Instant) { fullAt = max(fullAt, turn) + interval }

    /// Returns a reserved turn that was not used.
    mutating func giveBack() { fullAt = fullAt - interval }

    /// Blocks calls until `end`. After that one call at a time is allowed: the bucket is empty until then.
    mutating func hold(until end: ContinuousClock.Instant) {
        heldUntil = max(heldUntil, end)
        fullAt = max(fullAt, heldUntil + interval * (capacity - 1))
    }

    /// Whether it equals a new bucket.
    func isFull(at now: ContinuousClock.Instant) -> Bool { fullAt <= now && heldUntil <= now }
}
