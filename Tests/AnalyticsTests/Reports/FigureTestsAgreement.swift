import Bridge
import Foundation
import Testing

@testable import Analytics

/// What the reports read from the roll-ups agrees with what they read from the audit log.
@Suite("Figures that agree", .timeLimit(.minutes(5)))
struct FigureTestsAgreement {
    private static let now = Timestamp.date("2026-11-18T12:00:00.000Z") ?? .distantPast

    private static func run(_ name: String, _ arguments: JSONObject, _ store: Store) async throws -> JSONValue {
        .object(try await ReportRun.result(name, arguments, in: store, now: now).structured)
    }

    @Test("a question that was priced later counts as priced everywhere", arguments: Backend.allCases)
    func priced(_ backend: Backend) async throws {
        try await backend.withStore { store in
            var usage = Samples.usage()
            usage.priceKnown = false
            usage.cost = .zero
            let outcome = QuestionOutcome.answered(Answer(text: "So.", usage: usage))
            try await store.record([
                FinishedQuestion(Samples.question(at: Self.now), outcome: outcome, finishedAt: Self.now)
            ])
            #expect(try await Self.run("cost_summary", [:], store)["totals"]?["unpriced"] == 1)
            _ = try await store.reprice(since: Self.now.addingTimeInterval(-60)) { _, _, _ in
                ModelCost(money: Money(nano: 77), date: "2026-11-18")
            }
            for user in [nil, JSONValue.string("ada@example.com")] {
                var arguments: JSONObject = ["group_by": "model"]
                arguments["user_id"] = user
                let result = try await ReportRun.result("cost_summary", arguments, in: store, now: Self.now)
                #expect(result.structured["totals"]?["cost_nano"] == 77, "\(arguments)")
                #expect(result.structured["totals"]?["unpriced"] == 0, "\(arguments)")
                #expect(result.structured["rows"]?[0]?["unpriced"] == 0 && result.notes == [], "\(arguments)")
            }
        }
    }

    @Test("a question that ends less than a millisecond before a month of UTC is recorded", arguments: Backend.allCases)
    func monthOfRoundedTime(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let time = Date(timeIntervalSince1970: 1_559_347_199.9996)
            try await store.record([
                FinishedQuestion(Samples.question(at: time), outcome: Samples.answered(), finishedAt: time)
            ])
            let report = try await ReportRun.result(
                "cost_summary", ["period": "all"], in: store, now: time.addingTimeInterval(1))
            #expect(report.structured["from"] == "2019-06-01" && report.structured["to"] == "2019-06-01")
            #expect(report.structured["totals"]?["questions"] == 1)
        }
    }

    @Test(
        "the period all has what ended on a later day too, by the clock of another process", arguments: Backend.allCases
    )
    func later(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let later = Self.now.addingTimeInterval(86_400)
            try await store.record([
                FinishedQuestion(
                    Samples.question(at: later), origin: Samples.origin, outcome: Samples.answered(), finishedAt: later)
            ])
            for name in ["top_expensive_queries", "slow_queries"] {
                let report = try await Self.run(name, ["period": "all"], store)
                #expect(report["totals"]?["questions"] == 1, "\(name)")
                let none = try await Self.run(name, ["period": "month"], store)
                #expect(none["totals"]?["questions"] == 0, "\(name)")
                #expect(none["rows"] == [], "\(name)")
            }
        }
    }

    @Test("only servers that were called have a row, for everyone as for one user", arguments: Backend.allCases)
    func deniedServers(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let outcome = Samples.answered(calls: [Samples.call("1", "drop_index", .denied)])
            try await store.record([
                FinishedQuestion(Samples.question(at: Self.now), outcome: outcome, finishedAt: Self.now)
            ])
            for user in [nil, JSONValue.string("ada@example.com")] {
                var arguments: JSONObject = ["group_by": "mcp"]
                arguments["user_id"] = user
                #expect(try await Self.run("cost_summary", arguments, store)["rows"] == [], "\(arguments)")
            }
        }
    }
}
