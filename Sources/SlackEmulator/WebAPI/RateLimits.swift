/// Slack's rate limits: a bucket for each method, and one post a second for each channel (docs.slack.dev, Rate limits).
struct RateLimits: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: ContinuousClock.Instant
    }

    private var methods: [String: Bucket] = [:]
    private var posts: [String: ContinuousClock.Instant] = [:]

    /// Takes one call of the method's minute. Throws ``APIError`` `ratelimited` with the seconds to wait.
    mutating func take(_ method: String, tier: APIMethod.Tier) throws(APIError) {
        guard tier != .special, tier != .posting else { return }
        let capacity = Double(tier.rawValue)
        let now = ContinuousClock.now
        var bucket = methods[method] ?? Bucket(tokens: capacity, filled: now)
        bucket.tokens = min(capacity, bucket.tokens + (now - bucket.filled) / Duration.seconds(1) * capacity / 60)
        bucket.filled = now
        defer { methods[method] = bucket }
        guard bucket.tokens >= 1 else {
            throw .limited(max(1, Int(((1 - bucket.tokens) * 60 / capacity).rounded(.up))))
        }
        bucket.tokens -= 1
    }

    /// One post a second and channel, without the bursts that Slack tolerates but does not promise.
    mutating func post(to channel: String, limited: Bool) throws(APIError) {
        guard limited else { return }
        let now = ContinuousClock.now
        if let last = posts[channel], now - last < .seconds(1) { throw .limited(1) }
        posts[channel] = now
    }
}
