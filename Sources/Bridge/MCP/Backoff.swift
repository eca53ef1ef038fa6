/// Waiting times between attempts. The bound doubles from `first` to `most`; each wait is drawn at random between half
/// of it and the whole, so that many clients of a server do not reconnect at the same moment.
struct Backoff: Sendable {
    let first: Duration
    let most: Duration
    /// The number of waits since the last `reset`.
    private(set) var attempts = 0

    init(first: Duration = .milliseconds(500), most: Duration = .seconds(60)) {
        self.first = first
        self.most = most
    }

    /// The wait before the next attempt.
    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// As `next()`, with a generator for tests.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let whole = min(first * (1 << min(attempts, 20)), most)
        attempts += 1
        return whole * Double.random(in: 0.5...1, using: &generator)
    }

    /// Starts again at `first`, after a successful attempt.
    mutating func reset() { attempts = 0 }
}
