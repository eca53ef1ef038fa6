/// Decides after each failed attempt of one request to a model whether and when it is sent again. Reads no clock.
///
/// An overload is waited out for a budget of time, however many attempts that takes: its attempts cost nothing. Other
/// failures are limited by ``RetryPolicy/maxRetries``, since an answer that broke off is billed.
struct RetrySchedule: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Step: Sendable, Hashable {
        case wait(Duration)
        /// No attempt is left.
        case stop
        /// The provider demands a wait that is longer than what is left.
        case tooLong(Duration)
    }

    let policy: RetryPolicy
    /// How long an overload is waited out, from its first failure; zero: it counts as any other failure.
    let budget: Duration
    /// The attempts after the first so far.
    private(set) var retries = 0
    private var counted = 0
    private var overloads = 0
    private var firstOverload: Instant?
    /// The sum of the waits for an overload, which is at most the time since `firstOverload`.
    private var waited = Duration.zero

    /// No wait is shorter, whatever the provider demands.
    private static let shortest = Duration.milliseconds(200)

    init(policy: RetryPolicy, budget: Duration) {
        self.policy = policy
        self.budget = budget
    }

    /// What follows a failed attempt.
    ///
    /// - Parameters:
    ///   - demanded: the wait that the provider demands; nil for none.
    ///   - isOverload: whether the failure passes with time and its attempt was not billed.
    mutating func next(demanded: Duration?, isOverload: Bool, at now: Instant) -> Step {
        let step = isOverload && budget > .zero ? afterOverload(demanded, now) : afterFailure(demanded)
        if case .wait = step { retries += 1 }
        return step
    }

    private mutating func afterFailure(_ demanded: Duration?) -> Step {
        guard counted < policy.maxRetries else { return .stop }
        if let demanded, demanded > policy.longestWait { return .tooLong(demanded) }
        defer { counted += 1 }
        return .wait(demanded ?? policy.backoff(counted))
    }

    private mutating func afterOverload(_ demanded: Duration?, _ now: Instant) -> Step {
        let begin = firstOverload ?? now
        firstOverload = begin
        let left = budget - max(now - begin, waited)
        if let demanded, demanded > left { return .tooLong(demanded) }
        guard left >= Self.shortest else { return .stop }
        let wait = max(demanded ?? min(policy.backoff(overloads), left), Self.shortest)
        overloads += 1
        waited += wait
        return .wait(wait)
    }
}
