/// A rate limit that allows short bursts: a full bucket holds `capacity` calls, and one more comes in each `interval`.
/// Pure; the instants are the caller's.
struct TokenBucket: Sendable, Hashable {
    private let capacity: Int
    private let interval: Duration
    /// When the bucket is full again, as far as calls have been promised.
    private var fullAt: ContinuousClock.Instant
    /// No call is made before.
    private(set) var heldUntil: ContinuousClock.Instant

    /// A full bucket.
    init(capacity: Int, interval: Duration, at now: ContinuousClock.Instant) {
        self.capacity = capacity
        self.interval = interval
        (fullAt, heldUntil) = (now, now)
    }

    /// When the next call may be made, if it is asked for now.
    func turn(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        max(now, heldUntil, fullAt - interval * (capacity - 1))
    }

    /// Takes the turn at that instant, as ``turn(at:)`` gave it: the calls after it come later.
    mutating func take(_ turn: ContinuousClock.Instant) { fullAt = max(fullAt, turn) + interval }

    /// Gives back a turn that was taken and not used.
    mutating func giveBack() { fullAt = fullAt - interval }

    /// Lets nobody call before `end`, and then one at a time: the bucket is empty until then.
    mutating func hold(until end: ContinuousClock.Instant) {
        heldUntil = max(heldUntil, end)
        fullAt = max(fullAt, heldUntil + interval * (capacity - 1))
    }

    /// Whether it is as a new one would be.
    func isFull(at now: ContinuousClock.Instant) -> Bool { fullAt <= now && heldUntil <= now }
}
