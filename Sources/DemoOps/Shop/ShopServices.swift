import GRDB

/// A service of the shop and its usual load.
struct ShopService {
    let name: String
    let team: String
    let tier: Int
    let language: String
    let purpose: String
    /// Usual 95th percentile of the response time, milliseconds.
    let p95: Double
    /// Usual requests in half an hour.
    let requests: Int
    let deploys: Int
    /// The services that it calls.
    var calls: [String] = []

    static let all = [
        ShopService(
            name: "auth", team: "platform", tier: 1, language: "Go", purpose: "Sign-in, tokens and permissions",
            p95: 60,
            requests: 24000, deploys: 11),
        ShopService(
            name: "cart", team: "storefront", tier: 1, language: "TypeScript",
            purpose: "Shopping carts and their prices",
            p95: 85, requests: 15000, deploys: 20, calls: ["catalog", "inventory"]),
        ShopService(
            name: "catalog", team: "storefront", tier: 1, language: "Kotlin",
            purpose: "Products, pictures and categories",
            p95: 70, requests: 42000, deploys: 18),
        ShopService(
            name: "checkout", team: "checkout", tier: 1, language: "Kotlin",
            purpose: "From the cart to the placed order; calls payments, inventory and shipping", p95: 240,
            requests: 6200,
            deploys: 27, calls: ["payments", "inventory", "shipping"]),
        ShopService(
            name: "inventory", team: "fulfilment", tier: 1, language: "Java", purpose: "Stock and reservations",
            p95: 95,
            requests: 11000, deploys: 14),
        ShopService(
            name: "notifications", team: "platform", tier: 3, language: "Go", purpose: "E-mail, push and text messages",
            p95: 180, requests: 5200, deploys: 12),
        ShopService(
            name: "orders", team: "checkout", tier: 1, language: "Kotlin", purpose: "Order history and its events",
            p95: 120,
            requests: 8800, deploys: 19, calls: ["payments"]),
        ShopService(
            name: "payments", team: "payments", tier: 1, language: "Java",
            purpose: "Cards, attempts, captures and refunds",
            p95: 140, requests: 7100, deploys: 16),
        ShopService(
            name: "recommendations", team: "discovery", tier: 3, language: "Python",
            purpose: "What a customer may also like",
            p95: 210, requests: 19000, deploys: 17, calls: ["catalog"]),
        ShopService(
            name: "reviews", team: "storefront", tier: 3, language: "Ruby", purpose: "Reviews and ratings", p95: 150,
            requests: 4100, deploys: 9, calls: ["catalog"]),
        ShopService(
            name: "search", team: "discovery", tier: 2, language: "Rust", purpose: "Product search and suggestions",
            p95: 110,
            requests: 31000, deploys: 22, calls: ["catalog"]),
        ShopService(
            name: "shipping", team: "fulfilment", tier: 2, language: "Go", purpose: "Rates, labels and tracking",
            p95: 260,
            requests: 3900, deploys: 15),
    ]

    static let names = all.map(\.name)
    static let teams = Array(Set(all.map(\.team))).sorted()
}

extension Shop {
    mutating func addServices(_ db: Database) throws {
        var services: [[(any DatabaseValueConvertible)?]] = []
        var hosts: [[(any DatabaseValueConvertible)?]] = []
        for service in ShopService.all {
            let age = service.name == "payments" ? Self.badDeployAge : numbers.whole(5 * Self.hour...6 * Self.day)
            services.append(
                [service.name, service.team, service.tier, service.language, service.purpose, now - age])
            for number in 1...(service.tier == 1 ? 4 : 2) {
                let isHot = service.name == "payments"
                hosts.append([
                    "\(service.name)-\(number)", service.name, number % 2 == 0 ? "eu-west-1" : "eu-central-1",
                    tenths(isHot ? 78...93 : 18...55), tenths(isHot ? 70...82 : 40...68), tenths(25...71),
                ])
            }
        }
        try insert(services, into: "services", db)
        let calls = ShopService.all.flatMap { service in
            service.calls.map { [service.name, $0] as [(any DatabaseValueConvertible)?] }
        }
        try insert(calls, into: "service_calls", db)
        try insert(hosts, into: "hosts", db)
        let people = [
            "checkout": ["Ines Duarte", "Tom Becker"], "discovery": ["Mina Park", "Raul Vega"],
            "fulfilment": ["Greta Lind", "Omar Haddad"], "payments": ["Yusuf Demir", "Clara Novak"],
            "platform": ["Jonas Weber", "Aiko Mori"], "storefront": ["Lea Martin", "Sam Okafor"],
        ]
        let week = 7 * Self.day
        let monday = now - (now - 4 * Self.day) % week  // 1970-01-05 was a Monday
        let shifts = ShopService.teams.flatMap { team in
            (people[team] ?? []).enumerated().map { turn, person -> [(any DatabaseValueConvertible)?] in
                let address = person.lowercased().replacing(" ", with: ".") + "@acme.example"
                return [team, person, address, monday + turn * week, monday + (turn + 1) * week]
            }
        }
        try insert(shifts, into: "on_call", db)
    }

    mutating func tenths(_ range: ClosedRange<Double>) -> Double { (numbers.fraction(range) * 10).rounded() / 10 }
}
