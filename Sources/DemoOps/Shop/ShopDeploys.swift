import GRDB

extension Shop {
    private static let changes = [
        "Upgrade of the HTTP framework", "Clearer validation messages", "Retry budget for downstream calls",
        "Feature flag for the new price engine", "Fewer allocations in the JSON encoder",
        "Fix: time zone of daily totals",
        "Metrics for the connection pool", "Smaller container image", "Fix: duplicate events after a retry",
        "Cache of currency rates", "Removal of the old v1 endpoint", "Fix: rounding of discounts",
        "Structured log fields", "Upgrade of the database driver", "Rate limit by customer",
    ]
    private static let authors = [
        "aiko.mori", "clara.novak", "greta.lind", "ines.duarte", "jonas.weber", "lea.martin", "mina.park",
        "omar.haddad",
        "raul.vega", "sam.okafor", "tom.becker", "yusuf.demir",
    ]

    mutating func addDeploys(_ db: Database) throws {
        var rows: [(at: Int, values: [(any DatabaseValueConvertible)?])] = []
        for service in ShopService.all {
            var version = (major: 2, minor: numbers.whole(3...30), patch: numbers.whole(0...4))
            if service.name == "payments" { version = (2, 13, 0) }
            for at in deployTimes(of: service) {
                let previous = Self.text(version)
                if service.name == "payments" {
                    version = at == badDeploy ? (2, 14, 0) : (2, 13, version.patch + 1)
                } else if numbers.whole(1...4) == 1 {
                    version = (version.major, version.minor + 1, 0)
                } else {
                    version.patch += 1
                }
                rows.append((at, deploy(of: service, at, previous, Self.text(version))))
            }
        }
        rows.sort { $0.at < $1.at }
        try insert(rows.enumerated().map { [4001 + $0.offset] + $0.element.values }, into: "deploys", db)
    }

    private static func text(_ version: (major: Int, minor: Int, patch: Int)) -> String {
        "v\(version.major).\(version.minor).\(version.patch)"
    }

    private mutating func deploy(
        of service: ShopService, _ at: Int, _ previous: String, _ version: String
    ) -> [(any DatabaseValueConvertible)?] {
        let isBad = service.name == "payments" && at == badDeploy
        let failed = !isBad && numbers.whole(1...25) == 1
        let change = numbers.one(of: Self.changes, else: "Maintenance")
        return [
            service.name, version, previous, isBad ? "yusuf.demir" : numbers.one(of: Self.authors, else: "tom.becker"),
            at,
            numbers.whole(95...420), failed ? "rolled_back" : "succeeded",
            isBad
                ? "Payment attempts: external order numbers (order_id compared as text), backfill of channel" : change,
        ]
    }

    /// Oldest first. Recent deploys of `checkout` and `payments` are fixed, because the incident depends on them; all
    /// others are random.
    private mutating func deployTimes(of service: ShopService) -> [Int] {
        var fixed: [Int] = []
        var newest = 2 * Self.hour
        if service.name == "checkout" {
            fixed = [now - 21 * Self.hour - 600, now - 6 * Self.hour - 1500]
            newest = 26 * Self.hour
        } else if service.name == "payments" {
            fixed = [badDeploy]
            newest = 30 * Self.hour
        }
        let drawn = (0..<(service.deploys - fixed.count)).map { _ in
            now - numbers.whole(newest...Self.days * Self.day - 1)
        }
        return (drawn + fixed).sorted()
    }
}
