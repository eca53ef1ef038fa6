/// Slack's rate limits: a token bucket per method, and one per channel for posts (docs.slack.dev, Rate limits).
struct RateLimits: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: ContinuousClock.Instant
    }

    /// Slack allows bursts above one post per second and does not document their size.
    private static let postBurst = 6.0

    private var methods: [String: Bucket] = [:]
    private var posts: [String: Bucket] = [:]

    /// Takes one token from the method's bucket.
    ///
    /// - Throws: ``APIError`` `ratelimited` with the seconds to wait.
    mutating func take(_ method: String, tier: APIMethod.Tier) throws(APIError) {
        guard tier != .special, tier != .posting else { return }
        let capacity = Double(tier.rawValue)
        try Self.take(from: &methods[method], capacity: capacity, perSecond: capacity / 60)
    }

    /// Takes one token from the channel's bucket: one post per second, and short bursts. Throws as ``take(_:tier:)``.
    mutating func post(to channel: String, limited: Bool) throws(APIError) {
        guard limited else { return }
        try Self.take(from: &posts[channel], capacity: Self.postBurst, perSecond: 1)
    }

    private static func take(from bucket: inout Bucket?, capacity: Double, perSecond: Double) throws(APIError) {
        let now = ContinuousClock.now
        var filled = bucket ?? Bucket(tokens: capacity, filled: now)
        filled.tokens = min(capacity, filled.tokens + (now - filled.filled) / Duration.seconds(1) * perSecond)
        filled.filled = now
        defer { bucket = filled }
        guard filled.tokens >= 1 else { throw .limited(max(1, Int(((1 - filled.tokens) / perSecond).rounded(.up)))) }
        filled.tokens -= 1
    }
}
