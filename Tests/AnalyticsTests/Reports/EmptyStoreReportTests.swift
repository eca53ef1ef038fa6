import Bridge
import Testing

@testable import Analytics

@Suite("Reports of an empty store", .timeLimit(.minutes(5)))
struct EmptyStoreReportTests {
    @Test("each report with each choice has zeros, no rows and no chart", arguments: Backend.allCases)
    func empty(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for (name, arguments) in ReportRun.calls {
                let result = try await ReportRun.result(name, arguments, in: store)
                #expect(result.structured["rows"] == [], "\(name) \(arguments)")
                #expect(result.chart == nil, "\(name) \(arguments)")
                #expect(result.markdown.contains("none") || result.markdown.contains("0"), "\(name) \(arguments)")
                for (key, value) in result.structured["totals"]?.object ?? [:] {
                    #expect(value.double == 0, "\(name) \(arguments) \(key)")
                }
                #expect((result.structured["previous"] == nil) == (arguments["period"] == "all"))
                #expect(result.structured["to"]?.string?.count == 10)
            }
        }
    }

    @Test("the period all begins with the first question, or today if there is none", arguments: Backend.allCases)
    func all(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let now = try #require(Timestamp.date("2026-11-18T12:00:00.000Z"))
            let empty = try await ReportRun.result("cost_summary", ["period": "all"], in: store, now: now)
            #expect(empty.structured["from"] == "2026-11-18" && empty.structured["to"] == "2026-11-18")
            let day = try #require(Timestamp.date("2026-11-02T12:00:00.000Z"))
            try await store.record([
                FinishedQuestion(Samples.question(at: day), outcome: Samples.answered(), finishedAt: day)
            ])
            let one = try await ReportRun.result("cost_summary", ["period": "all"], in: store, now: now)
            #expect(one.structured["from"] == "2026-11-02" && one.structured["to"] == "2026-11-18")
            #expect(one.structured["totals"]?["questions"] == 1)
            #expect(one.chart != nil)
        }
    }
}
