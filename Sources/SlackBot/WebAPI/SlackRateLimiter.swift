import Bridge
import DequeModule

/// Keeps calls within Slack's rate limits: posts by a token bucket for each channel, optional edits and streams by the
/// number of the method's calls in the last minute, all others by a hold after Slack has asked for one (docs.slack.dev, rate
/// limits). A call waits only for calls of its own method, or, for posts, of its channel.
actor SlackRateLimiter {
    /// "1 message per second per channel", with bursts of up to five. A `response_url` counts as a channel.
    private static let burst = 5
    private static let interval = Duration.seconds(1)
    /// Calls of a method in the last minute from which on optional ones are left out. `chat.update` (Tier 3, 50 a
    /// minute) has required calls too; the rest of the stream methods' limits (Tier 2, 20; Tier 4, 100) is for calls
    /// that an earlier process made.
    private static let optionalCalls = ["chat.update": 25, "chat.startStream": 16, "chat.appendStream": 80]
    private static let posts: Set<String> = ["chat.postMessage", "chat.postEphemeral", "response_url"]
    /// With more entries than this, full buckets and expired holds are removed.
    private static let largestMemory = 1_000

    private let clock = ContinuousClock()
    private var buckets: [String: TokenBucket] = [:]
    /// The end of the hold of a method, for methods other than posts.
    private var holds: [String: ContinuousClock.Instant] = [:]
    private var recent: [String: Deque<ContinuousClock.Instant>] = [:]

    /// Whether an optional call leaves enough of the method's limit a minute to the required calls. True for a method
    /// whose calls are not counted, unless it is held.
    func hasCapacity(_ method: String) -> Bool {
        let now = clock.now
        if let hold = holds[method], hold > now { return false }
        while let first = recent[method]?.first, now - first > .seconds(60) { recent[method]?.removeFirst() }
        return Self.optionalCalls[method].map { recent[method, default: []].count < $0 } ?? true
    }

    /// Records a call, if the method's calls in the last minute are counted.
    func recordCall(_ method: String) {
        guard let most = Self.optionalCalls[method] else { return }
        recent[method, default: []].append(clock.now)
        if recent[method, default: []].count > most { recent[method]?.removeFirst() }
    }

    /// Waits until the call may be made, and returns nil. When that is further away than `timeout` it reserves nothing
    /// and returns the wait at once. Throws `CancellationError` when the task is cancelled while it waits.
    func wait(method: String, channel: String?, atMost timeout: Duration) async throws -> Duration? {
        var now = clock.now
        let deadline = now + timeout
        let isPost = Self.posts.contains(method)
        // A hold that began while a call slept delays it further.
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

    /// Blocks calls of this method (for posts: all posts in this channel) for `pause`, which Slack has asked for.
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
