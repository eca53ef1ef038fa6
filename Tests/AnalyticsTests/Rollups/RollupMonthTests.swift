import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Sums of months", .timeLimit(.minutes(5)))
struct RollupMonthTests {
    private static let start = Date(timeIntervalSince1970: 1_795_651_200)  // 2026-11-26

    private static func day(_ number: Double) -> Date { start.addingTimeInterval(number * 86_400) }

    private static func summed(_ store: Store) async throws -> [String] {
        try await store.database.read { try Store.summedMonths(on: $0) }.map { "\($0.month) to \($0.lastDay)" }
    }

    /// The figures of all questions and calls by dimension.
    private struct Figures: Equatable {
        var usage: [RollupDimension: UsageFigures] = [:]
        var latency: [RollupDimension: LatencyHistogram] = [:]
    }

    /// The figures as reports read them, and as the rows of the days have them, in one snapshot.
    private static func figures(_ store: Store) async throws -> (read: Figures, days: Figures) {
        try await store.database.read { connection in
            let reader = try ReportReader(connection)
            var (read, days) = (Figures(), Figures())
            for dimension in RollupDimension.allCases {
                let selection = RollupSelection(dimension, "0000-00-00"..."9999-99-99")
                read.usage[dimension] = try reader.usage(selection)
                read.latency[dimension] = try reader.latency(selection)
                days.usage[dimension] = try reader.usage(selection, by: [.day]).reduce(into: UsageFigures()) {
                    $0 += $1.figures
                }
                days.latency[dimension] = try reader.latency(selection, by: [.day]).values
                    .reduce(into: LatencyHistogram()) { $0 += $1 }
            }
            return (read, days)
        }
    }

    @Test(
        "sums of whole months and of the present one up to yesterday are those of the questions, also after a rebuild",
        arguments: Backend.allCases)
    func same(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let questions = RollupSamples.questions(300, from: Self.start, seed: 13)
            try await store.record(questions)
            let november = questions.filter { Timestamp.rounded($0.finishedAt) < Self.day(5) }
            #expect(november.count > 100 && november.count < 300)
            try await store.sumMonths(now: Self.day(5.5))
            #expect(try await Self.summed(store) == ["2026-11 to 2026-11-30"])
            #expect(try await store.rollupLines(by: .month) == ExpectedRollups.lines(november, by: .month))
            let expected = ExpectedRollups.lines(questions, by: .month)
            for _ in 0..<2 {
                try await store.sumMonths(now: Self.day(7.5))
                #expect(try await Self.summed(store) == ["2026-11 to 2026-11-30", "2026-12 to 2026-12-02"])
                #expect(try await store.rollupLines(by: .month) == expected)
                try await store.rebuildRollups()
            }
            try await store.sumMonths(now: Self.day(70))
            #expect(try await Self.summed(store) == ["2026-11 to 2026-11-30", "2026-12 to 2026-12-31"])
            #expect(try await store.rollupLines(by: .month) == expected)
        }
    }

    @Test(
        "a question that ends in a summed day ends the sum of its month only; one of today ends none",
        arguments: Backend.allCases)
    func late(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let questions = RollupSamples.questions(100, from: Self.start, seed: 14)
            try await store.record(questions)
            try await store.sumMonths(now: Self.day(7.5))
            let both = ["2026-11 to 2026-11-30", "2026-12 to 2026-12-02"]
            let today = Self.late(at: Self.day(7.5))
            try await store.record([today])
            #expect(try await Self.summed(store) == both)
            var figures = try await Self.figures(store)
            #expect(figures.read == figures.days && figures.read.latency[.total]?.count == 101)

            let late = Self.late(at: Self.day(2))
            let claim = try #require(try await store.begin(late.question))
            #expect(try await store.finish(late, claim))
            #expect(try await Self.summed(store) == [both[1]])
            figures = try await Self.figures(store)
            #expect(figures.read == figures.days && figures.read.latency[.total]?.count == 102)

            try await store.sumMonths(now: Self.day(7.5))
            #expect(try await Self.summed(store) == both)
            let expected = ExpectedRollups.lines(questions + [late], by: .month)
            #expect(try await store.rollupLines(by: .month) == expected)
        }
    }

    private static func late(at time: Date) -> FinishedQuestion {
        FinishedQuestion(
            Samples.question(thread: ULID().text), origin: Samples.origin,
            outcome: Samples.answered(calls: [Samples.call("1")]), finishedAt: time)
    }

    @Test(
        "while questions end in several processes and months are summed, each reader finds the figures of the days",
        arguments: Backend.allCases)
    func concurrent(_ backend: Backend) async throws {
        try await backend.withStores(backend == .postgres ? 4 : 2) { stores in
            // By this clock the questions ended yesterday or before.
            let later = Date().addingTimeInterval(2 * 86_400)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for store in stores {
                    for _ in 0..<3 {
                        group.addTask {
                            for _ in 0..<20 {
                                let calls = [Samples.call("1"), Samples.call("2", "a", .denied)]
                                let isDone = try await store.answer(
                                    Samples.question(thread: ULID().text), Samples.answered(calls: calls))
                                #expect(isDone)
                            }
                        }
                    }
                    group.addTask {
                        for _ in 0..<20 {
                            try await store.sumMonths(now: later)
                            let figures = try await Self.figures(store)
                            #expect(figures.read == figures.days)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await stores[0].sumMonths(now: later)
            let figures = try await Self.figures(stores[0])
            #expect(figures.read == figures.days)
            #expect(figures.read.latency[.total]?.count == Int64(stores.count * 60))
            let lines = try await stores[0].rollupLines(by: .month)
            try await stores[0].rebuildRollups()
            try await stores[0].sumMonths(now: later)
            #expect(try await stores[0].rollupLines(by: .month) == lines && !lines.isEmpty)
        }
    }

    @Test("a forgotten person's e-mail and errors leave the sums, the figures stay", arguments: Backend.allCases)
    func forgotten(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let later = Date().addingTimeInterval(2 * 86_400)
            try await store.ended(3)
            try await store.ended(2, by: ProofSamples.ben)
            try await store.sumMonths(now: later)
            let before = try await Self.figures(store)
            #expect(try await store.rollupLines(by: .month).contains { $0.contains(Samples.asker.email) })
            _ = try await store.forget(Samples.asker.email, actor: "test")
            #expect(try await !Self.summed(store).isEmpty)
            let lines = try await store.rollupLines(by: .month)
            #expect(!lines.contains { $0.contains(Samples.asker.email) })
            #expect(lines.contains { $0.contains("|forgotten|") })
            let after = try await Self.figures(store)
            #expect(after.read == before.read && after.read == after.days)

            try await Self.fail("no such mailbox: \(ProofSamples.ben.email)", by: ProofSamples.ben, in: store)
            try await store.sumMonths(now: later)
            _ = try await store.forget(ProofSamples.ben.email, actor: "test")
            #expect(try await !store.rollupLines(by: .month).contains { $0.contains(ProofSamples.ben.email) })
        }
    }

    private static func fail(_ message: String, by asker: Principal, in store: Store) async throws {
        let failure = Failure(error: BridgeError(.toolFailed, message), errorID: "E-1", usage: Samples.usage())
        let isDone = try await store.answer(Samples.question(by: asker, thread: ULID().text), .failed(failure))
        #expect(isDone)
    }
}
