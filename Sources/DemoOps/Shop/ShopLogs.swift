import GRDB

extension Shop {
    private static let ordinary: [(level: String, message: String)] = [
        ("warn", "retrying request to upstream, attempt 2"), ("warn", "cache miss rate above 20 % for 1 minute"),
        ("warn", "slow garbage collection: 310 ms"), ("warn", "connection pool at 80 %"),
        ("info", "configuration reloaded"), ("info", "health check passed"), ("info", "scheduled job finished in 12 s"),
        ("info", "leader elected"), ("error", "unexpected end of stream from client"),
        ("error", "could not decode message from queue, moved to dead letters"),
        ("error", "deadline exceeded while reading from cache"),
        ("error", "certificate check failed for a webhook target"),
    ]

    /// About 5,000 lines of two days: unrelated ones, and those that the bad deploy causes.
    mutating func addLogs(_ db: Database) throws {
        var lines: [(at: Int, service: String, level: String, message: String)] = []
        for _ in 0..<3900 {
            let (level, message) = numbers.one(of: Self.ordinary, else: ("info", "health check passed"))
            let at = now - numbers.whole(1...2 * Self.day)
            lines.append((at, numbers.one(of: ShopService.names, else: "auth"), level, message))
        }
        for _ in 0..<680 {
            let waited = numbers.whole(3000...3020)
            let text = "timeout calling payments: POST /v2/attempts gave no answer within 3000 ms (waited \(waited) ms)"
            lines.append((since(badDeploy), "checkout", "error", text))
        }
        for _ in 0..<260 {
            let (ms, rows) = (numbers.whole(2400...9800), numbers.whole(18_390_000...18_410_000))
            let text = "slow query Q-01 on payment_attempts: \(ms) ms, \(rows) rows read"
            lines.append((since(badDeploy), "payments", "warn", text))
        }
        for _ in 0..<90 {
            lines.append(
                (since(badDeploy), "payments", "error", "connection pool exhausted: 60 of 60 in use, 45 waiting"))
        }
        for _ in 0..<70 {
            lines.append(
                (since(badDeploy + 600), "orders", "error", "payment state of an order is unknown, will ask again"))
        }
        lines.append((badDeploy, "payments", "info", "started version \(Self.badVersion)"))
        lines.append(
            (badDeploy + 40, "payments", "info", "backfill of payment_attempts.channel started by session 8123"))
        lines.sort { ($0.at, $0.service, $0.message) < ($1.at, $1.service, $1.message) }
        let rows = lines.map { line -> [(any DatabaseValueConvertible)?] in
            let trace = String(numbers.next(), radix: 16)
            return [nil, line.at, line.service, line.level, line.message, trace]
        }
        try insert(rows, into: "logs", db)
    }

    private mutating func since(_ start: Int) -> Int { numbers.whole(start...now - 1) }
}
