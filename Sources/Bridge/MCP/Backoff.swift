/// Waiting times between attempts: doubling from `first` to `most`, each drawn between half and the whole of it, so
/// that many clients of a returning server do not come at the same moment.
struct Backoff: Sendable {
    let first: Duration
    let most: Duration
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

    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let whole = min(first * (1 << min(attempts, 20)), most)
        attempts += 1
        return whole * Double.random(in: 0.5...1, using: &generator)
    }

    /// The attempt went well.
    mutating func reset() { attempts = 0 }
}
