import Bridge
import DequeModule

/// Keeps calls under Slack's limits before Slack has to: posts by a bucket for each channel, edits that may be left out
/// by their method's minute; what else is too fast is held when Slack says so (docs.slack.dev, rate limits). A call waits
/// for its turn; calls of other methods and channels do not.
actor SlackRateLimiter {
    /// "1 message per second per channel", with short bursts (decisions, section 1). A response_url counts as a channel.
    private static let burst = 5
    private static let interval = Duration.seconds(1)
    /// Edits of the last minute that optional ones must leave room for: half of Tier 3, which Slack counts them in.
    private static let optionalCalls = 25
    private static let posts: Set<String> = ["chat.postMessage", "chat.postEphemeral", "response_url"]
    /// Buckets that are full and holds that are over are forgotten when there are more than this.
    private static let largestMemory = 1_000

    private let clock = ContinuousClock()
    private var buckets: [String: TokenBucket] = [:]
    /// Until when a method is not called at all, other than posts.
    private var holds: [String: ContinuousClock.Instant] = [:]
    private var recent: [String: Deque<ContinuousClock.Instant>] = [:]

    /// Whether an optional call leaves enough of the method's minute to those that must be made.
    func hasCapacity(_ method: String) -> Bool {
        let now = clock.now
        if let hold = holds[method], hold > now { return false }
        while let first = recent[method]?.first, now - first > .seconds(60) { recent[method]?.removeFirst() }
        return recent[method, default: []].count < Self.optionalCalls
    }

    /// Notes a call of a method whose minute is counted.
    func recordCall(_ method: String) {
        recent[method, default: []].append(clock.now)
        if recent[method, default: []].count > Self.optionalCalls { recent[method]?.removeFirst() }
    }

    /// Returns nil when the call may go out. When its turn is further away than `timeout` it takes no turn and returns
    /// the wait at once. Throws `CancellationError` when the task is cancelled while it waits.
    func wait(method: String, channel: String?, atMost timeout: Duration) async throws -> Duration? {
        var now = clock.now
        let deadline = now + timeout
        let isPost = Self.posts.contains(method)
        // A hold that began while a call slept puts it off.
        while true {
            let turn = turn(method, channel, at: now)
            guard turn <= deadline else { return turn - now }
            if isPost { buckets[Self.key(channel), default: Self.bucket(at: now)].take(turn) }
            guard turn > now else { return nil }
            do {
                try await Task.sleep(until: turn, clock: .continuous)
            } catch {
                if isPost { buckets[Self.key(channel)]?.giveBack() }
                throw error
            }
            now = clock.now
            if !isHeld(method, channel, at: now) { return nil }
        }
    }

    /// Slack asked for a pause: nobody calls this method in this channel before it is over.
    func hold(method: String, channel: String?, for pause: Duration) {
        let now = clock.now
        if Self.posts.contains(method) {
            buckets[Self.key(channel), default: Self.bucket(at: now)].hold(until: now + pause)
        } else {
            if holds.count > Self.largestMemory { holds = holds.filter { $0.value > now } }
            holds[method] = max(holds[method] ?? now, now + pause)
        }
    }

    private func turn(
        _ method: String, _ channel: String?, at now: ContinuousClock.Instant
    ) -> ContinuousClock.Instant {
        guard Self.posts.contains(method) else { return max(now, holds[method] ?? now) }
        if buckets.count > Self.largestMemory { buckets = buckets.filter { !$0.value.isFull(at: now) } }
        return buckets[Self.key(channel)]?.turn(at: now) ?? now
    }

    private func isHeld(_ method: String, _ channel: String?, at now: ContinuousClock.Instant) -> Bool {
        let hold = Self.posts.contains(method) ? buckets[Self.key(channel)]?.heldUntil : holds[method]
        return hold.map { $0 > now } ?? false
    }

    private static func key(_ channel: String?) -> String { channel ?? "" }

    private static func bucket(at now: ContinuousClock.Instant) -> TokenBucket {
        TokenBucket(capacity: burst, interval: interval, at: now)
    }
}
