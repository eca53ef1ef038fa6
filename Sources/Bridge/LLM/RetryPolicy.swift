import Foundation

/// When a failed request to a provider is made again, as the providers' own libraries do (Anthropic SDK 2.12,
/// `_base_client.py`).
struct RetryPolicy: Sendable {
    /// Further tries after the first.
    var maxRetries: Int
    /// A provider that asks for a longer wait is not waited for: the asker is told instead. (The OpenAI library
    /// has the same bound; Anthropic's waits for any time, which no one does who looks at a thread.)
    var longestWait: Duration = .seconds(120)
    /// From 0 up to 1.
    var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// min(0.5 · 2ⁿ, 8) seconds, less up to a quarter of it. `retry` counts from 0.
    func backoff(_ retry: Int) -> Duration {
        let seconds = min(0.5 * Double(1 << min(max(retry, 0), 8)), 8)
        return .seconds(seconds * (1 - 0.25 * random()))
    }

    /// Whether a status may be tried again: what the server says of it, else by the status.
    static func isRetryable(_ status: Int, shouldRetry: String?) -> Bool {
        switch shouldRetry?.lowercased() {
        case "true": true
        case "false": false
        default: status == 408 || status == 409 || status == 429 || status >= 500
        }
    }

    /// The wait that a server asks for: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
    static func wait(milliseconds: String?, retryAfter: String?, now: Date = Date()) -> Duration? {
        let longest = 4_294_967.0
        if let text = milliseconds, let value = Double(text), value > 0 { return .seconds(min(value / 1000, longest)) }
        guard let text = retryAfter?.trimmingCharacters(in: .whitespaces) else { return nil }
        if let value = Double(text) { return value > 0 ? .seconds(min(value, longest)) : nil }
        guard let date = httpDate(text) else { return nil }
        let seconds = date.timeIntervalSince(now)
        return seconds > 0 ? .seconds(min(seconds, longest)) : nil
    }

    /// IMF-fixdate, the form of RFC 9110 that servers must send.
    private static func httpDate(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }
}
