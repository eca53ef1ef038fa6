import Foundation
import GRDB

extension Shop {
    /// Seconds that one row of metrics covers.
    static let metricSeconds = 1800

    mutating func addMetrics(_ db: Database) throws {
        var rows: [[(any DatabaseValueConvertible)?]] = []
        for service in ShopService.all {
            for bucket in 1...(Self.days * Self.day / Self.metricSeconds) {
                rows.append(metric(of: service, at: now - bucket * Self.metricSeconds))
            }
        }
        try insert(rows, into: "metrics", db)
    }

    private mutating func metric(of service: ShopService, at: Int) -> [(any DatabaseValueConvertible)?] {
        let dayPart = Double(at % Self.day) / Double(Self.day)
        let daily = 1 - 0.45 * cos(2 * .pi * (dayPart - 0.1))
        let requests = Int(Double(service.requests) * daily * numbers.fraction(0.93...1.07))
        var p95 = service.p95 * numbers.fraction(0.9...1.12)
        var errorShare = numbers.fraction(0.001...0.004)
        if at + Self.metricSeconds > badDeploy, let effect = Self.effects[service.name] {
            p95 *= effect.slower * numbers.fraction(0.92...1.1)
            errorShare = effect.errors * numbers.fraction(0.85...1.15)
        }
        let p50 = service.p95 * 0.38 * (p95 / service.p95).squareRoot()
        return [
            service.name, at, requests, Int(Double(requests) * errorShare), (p50 * 10).rounded() / 10,
            (p95 * 10).rounded() / 10,
        ]
    }

    /// Effect of the bad deploy on a service: factor on its 95th percentile, and share of failed requests.
    private static let effects: [String: (slower: Double, errors: Double)] = [
        "payments": (29, 0.031), "checkout": (15, 0.072), "orders": (2.1, 0.009),
    ]
}
