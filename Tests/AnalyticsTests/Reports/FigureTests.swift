import Bridge
import Foundation
import Testing

@testable import Analytics

/// One of the stores that a test compares with the same model.
typealias FigureTestsStore = (backend: Backend, store: Store)

/// A time, a zone and a seed for the generated questions.
struct FigureTestsCase: Sendable, CustomTestStringConvertible {
    let seed: UInt64
    let time: String
    var zone = FigureTestsZone.utc

    var testDescription: String { "\(time) in \(zone), seed \(seed)" }

    /// Runs the body with an empty store of the zone.
    func withStore(_ backend: Backend, _ body: (Store, Date) async throws -> Void) async throws {
        let calendar = ReportingCalendar(timeZone: try #require(TimeZone(identifier: zone.name)))
        let now = try #require(Timestamp.date("\(time).000Z"))
        try await backend.withStore { store in
            try await body(Store(store.database, calendar: calendar), now)
        }
    }

    /// Runs the body with an empty store of the zone on each backend.
    func withStores(_ body: ([FigureTestsStore], Date) async throws -> Void) async throws {
        try await withStore(.sqlite) { sqlite, now in
            try await withStore(.postgres) { postgres, _ in
                try await body([(.sqlite, sqlite), (.postgres, postgres)], now)
            }
        }
    }
}

/// All figures of all reports on both backends, against a model that computes them from the generated questions.
@Suite("Figures of the reports", .timeLimit(.minutes(15)))
struct FigureTests {
    private static let users: [JSONValue] = [1, "ÜNAL@exämple.com"]

    static let cases = [
        FigureTestsCase(seed: 11, time: "2026-11-18T12:00:00"),
        // The first instant of a year, and a month of which one day has passed.
        FigureTestsCase(seed: 12, time: "2027-01-01T00:00:00"),
        // The day after a leap day.
        FigureTestsCase(seed: 13, time: "2028-03-01T23:59:59"),
    ]

    @Test(
        "each figure of each report in each period, by each grouping, filter and user, from sums of days and months",
        arguments: cases)
    func figures(_ one: FigureTestsCase) async throws {
        try await one.withStores { stores, now in
            let questions = FigureTestsSamples.questions(250, around: now, in: one.zone, seed: one.seed)
            let model = try await FigureTestsRun.record(questions, now: now, in: one.zone, stores)
            try await FigureTestsRun.check(model, ReportRun.calls, now: now, seed: one.seed, stores)
            try await FigureTestsRun.sumMonths(now: now, stores)
            let calls = FigureTestsRun.calls(users: Self.users)
            try await FigureTestsRun.check(model, calls, now: now, seed: one.seed, stores)
        }
    }

    static let zoneCases = [
        // The days after the clock was set forward and back.
        FigureTestsCase(seed: 21, time: "2026-03-29T22:30:00", zone: .vienna),
        FigureTestsCase(seed: 22, time: "2026-10-25T23:30:00", zone: .vienna),
        // The hours around the change itself.
        FigureTestsCase(seed: 23, time: "2026-03-29T01:00:00", zone: .vienna),
        FigureTestsCase(seed: 24, time: "2026-10-25T01:00:00", zone: .vienna),
        // The first instants of a year.
        FigureTestsCase(seed: 25, time: "2026-12-31T23:00:00", zone: .vienna),
        FigureTestsCase(seed: 26, time: "2026-12-31T18:15:00", zone: .kathmandu),
        // A day without midnight, and the one after a day with two hours from 23:00.
        FigureTestsCase(seed: 27, time: "2018-11-04T03:00:00", zone: .saoPaulo),
        FigureTestsCase(seed: 28, time: "2019-02-17T12:00:00", zone: .saoPaulo),
    ]

    @Test("the days of a report are those of the time zone", arguments: zoneCases)
    func zones(_ one: FigureTestsCase) async throws {
        try await one.withStores { stores, now in
            let questions = FigureTestsSamples.questions(60, around: now, in: one.zone, seed: one.seed)
            let model = try await FigureTestsRun.record(questions, now: now, in: one.zone, stores)
            try await FigureTestsRun.sumMonths(now: now, stores)
            let calls = FigureTestsRun.calls(users: [], filters: [FigureTestsRun.errorsOfTool])
            try await FigureTestsRun.check(model, calls, now: now, seed: one.seed, stores)
        }
    }

    @Test("figures of a single question, which ended in the last millisecond of the day")
    func single() async throws {
        for seed in UInt64(31)...32 {
            let one = FigureTestsCase(seed: seed, time: "2026-11-18T12:00:00")
            try await one.withStores { stores, now in
                let questions = FigureTestsSamples.questions(1, around: now, in: one.zone, seed: seed)
                let model = try await FigureTestsRun.record(questions, now: now, in: one.zone, stores)
                #expect(model.questions.map(\.time) == ["2026-11-18T23:59:59.999Z"])
                try await FigureTestsRun.check(model, FigureTestsRun.calls(users: [1]), now: now, seed: seed, stores)
            }
        }
    }

    @Test("after a new pricing each figure of cost is the new one, and has no missing price")
    func repriced() async throws {
        let one = FigureTestsCase(seed: 41, time: "2026-11-18T12:00:00")
        try await one.withStores { stores, now in
            let questions = FigureTestsSamples.questions(300, around: now, in: one.zone, seed: one.seed)
            var model = try await FigureTestsRun.record(questions, now: now, in: one.zone, stores)
            try await FigureTestsRun.sumMonths(now: now, stores)
            for one in stores {
                let summary = try await one.store.reprice(since: Date(timeIntervalSince1970: 0)) { model, tokens, _ in
                    guard model == "mystery-1" else { return nil }
                    return ModelCost(money: Money(nano: Int64(tokens.output) * 77), date: "2026-11-01")
                }
                #expect(summary.rows > 0 && summary.unpriced > 0, "\(one.backend)")
            }
            for index in model.questions.indices where model.questions[index].model == "mystery-1" {
                model.questions[index].cost = model.questions[index].usage.tokens.output * 77
                model.questions[index].isPriced = true
            }
            try await FigureTestsRun.sumMonths(now: now, stores)
            let calls = FigureTestsRun.calls(users: [], filters: [])
            try await FigureTestsRun.check(model, calls, now: now, seed: one.seed, stores)
        }
    }
}
