import Foundation

/// When a failed request to a provider is sent again, as in the providers' own libraries (Anthropic SDK 2.12,
/// `_base_client.py`).
struct RetryPolicy: Sendable {
    /// Attempts after the first, of failures that do not pass with time alone.
    var maxRetries: Int
    /// If the provider demands a longer wait, the request fails and the asker is told the time. OpenAI's library has
    /// the same bound; Anthropic's has none. An overload is bounded by its budget of time instead.
    var longestWait: Duration = .seconds(120)
    /// How long an overload is waited out; zero: only `maxRetries` counts.
    var budget: Duration = .zero
    /// The part, 0 to 1, of the time until the question's deadline that an overload may take, so that the reason can
    /// still be told, or another model asked.
    var share = 0.9
    /// Returns a random number in 0..<1.
    var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// How long an overload is waited out of a question that ends at `deadline`; nil: it has no limit.
    func budget(until deadline: ContinuousClock.Instant?, at now: ContinuousClock.Instant) -> Duration {
        deadline.map { min(budget, max($0 - now, .zero) * share) } ?? budget
    }

    /// The wait before retry n, counted from 0: min(0.5 · 2ⁿ, 8) seconds, less a random part of up to a quarter.
    func backoff(_ retry: Int) -> Duration {
        let seconds = min(0.5 * Double(1 << min(max(retry, 0), 8)), 8)
        return .seconds(seconds * (1 - 0.25 * random()))
    }

    /// Whether a request may be sent again after this status: by the header `x-should-retry` if it is `true` or
    /// `false`, else for 408, 409, 429 and from 500 on.
    static func isRetryable(_ status: Int, shouldRetry: String?) -> Bool {
        switch shouldRetry?.lowercased() {
        case "true": true
        case "false": false
        default: status == 408 || status == 409 || status == 429 || status >= 500
        }
    }

    /// The wait that the headers `retry-after-ms`, else `retry-after` (seconds or an HTTP date) demand; nil when there
    /// is none, or none in the future.
    static func wait(milliseconds: String?, retryAfter: String?, now: Date = Date()) -> Duration? {
        let longest = 4_294_967.0
        if let text = milliseconds, let value = Double(text), value > 0 { return .seconds(min(value / 1000, longest)) }
        guard let text = retryAfter?.trimmingCharacters(in: .whitespaces) else { return nil }
        if let value = Double(text) { return value > 0 ? .seconds(min(value, longest)) : nil }
        guard let date = httpDate(text) else { return nil }
        let seconds = date.timeIntervalSince(now)
        return seconds > 0 ? .seconds(min(seconds, longest)) : nil
    }

    /// Parses an IMF-fixdate, the form that servers must send (RFC 9110, 5.6.7).
    private static func httpDate(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }
}

extension RetryPolicy {
    /// The policy of `settings`. With a fallback model, half of the time until the deadline is left to that.
    init(_ settings: ModelSettings) {
        self.init(
            maxRetries: settings.maxRetries, budget: settings.retryBudget,
            share: settings.fallbackModel == nil ? 0.9 : 0.5)
    }
}
