import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Roll-ups", .timeLimit(.minutes(5)))
struct RollupTests {
    /// Six days from here on have a border of months.
    private static let start = Date(timeIntervalSince1970: 1_795_651_200)  // 2026-11-26
    private static let kolkata = TimeZone(identifier: "Asia/Kolkata")

    /// What the sequences of lines do not have in common.
    private static func difference(_ lines: [String], _ expected: [String]) -> [String] {
        let (one, other) = (Set(lines), Set(expected))
        return one.subtracting(other).sorted().prefix(5).map { "+ \($0)" }
            + other.subtracting(one).sorted().prefix(5).map { "- \($0)" }
    }

    /// Ends questions one by one as the program does.
    private static func end(_ questions: [FinishedQuestion], in store: Store) async throws {
        for finished in questions {
            let claim = try #require(try await store.begin(finished.question))
            #expect(try await store.finish(finished, claim))
        }
    }

    @Test(
        "as written with each question, as computed anew, and as computed without the program's code they are the same",
        arguments: Backend.allCases)
    func same(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let questions = RollupSamples.questions(400, from: Self.start, seed: 3)
            try await Self.end(Array(questions.prefix(60)), in: store)
            try await store.record(Array(questions.dropFirst(60)))
            let expected = ExpectedRollups.lines(questions)
            #expect(expected.count > 300)
            #expect(try await Self.difference(store.rollupLines(), expected) == [])
            try await store.rebuildRollups()
            #expect(try await Self.difference(store.rollupLines(), expected) == [])
            try await store.rebuildRollups(days: "2026-11-27"..."2026-11-29")
            #expect(try await Self.difference(store.rollupLines(), expected) == [])
            #expect(try await store.count() == questions.count)
        }
    }

    @Test("a rebuild mends what was changed, and the days of others stay", arguments: Backend.allCases)
    func mended(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let questions = RollupSamples.questions(100, from: Self.start, seed: 4)
            try await store.record(questions)
            let expected = ExpectedRollups.lines(questions)
            try await store.database.write { connection in
                try connection.script(
                    """
                    UPDATE usage_rollups SET cost_nano = cost_nano + 1 WHERE day = '2026-11-27';
                    DELETE FROM latency_rollups WHERE day = '2026-11-27';
                    UPDATE error_rollups SET day = '2026-11-01' WHERE day = '2026-11-27';
                    UPDATE usage_rollups SET questions = 7000 WHERE day = '2026-11-29' AND dimension = 'total';
                    """)
            }
            try await store.rebuildRollups(days: "2026-11-01"..."2026-11-28")
            let lines = try await store.rollupLines()
            let wrong = Self.difference(lines, expected)
            #expect(wrong.count == 2 && wrong.allSatisfy { $0.contains("usage|total|2026-11-29") }, "\(wrong)")
            try await store.rebuildRollups()
            #expect(try await Self.difference(store.rollupLines(), expected) == [])
        }
    }

    @Test("a day of several pages, with rows of equal times, is computed as a whole", arguments: Backend.allCases)
    func pages(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let questions = RollupSamples.questions(1200, from: Self.start, seed: 9)
            try await store.record(questions)
            // All in one second, so that pages end between rows of the same millisecond; ids are not in its order.
            try await store.database.write { connection in
                let time =
                    connection.dialect == .postgres
                    ? "timestamptz '2026-11-27 12:00:00+00' + ($1 % 7) * interval '1 millisecond'" : ""
                for table in ["audit_logs", "tool_calls"] {
                    let key =
                        table == "audit_logs"
                        ? "id"
                        : """
                        (SELECT audit_logs.id FROM audit_logs WHERE audit_logs.question_id = tool_calls.question_id)
                        """
                    let value =
                        connection.dialect == .postgres
                        ? time.replacingOccurrences(of: "$1", with: key)
                        : "'2026-11-27T12:00:00.00' || (\(key) % 7) || 'Z'"
                    try connection.script("UPDATE \(table) SET created_at = \(value)")
                }
            }
            let before = try await Self.total(store)
            // A rebuild leaves the days before the oldest row.
            try await store.database.write { connection in
                for table in RollupTable.all { try connection.script("DELETE FROM \(table.name)") }
            }
            try await store.rebuildRollups()
            let after = try await Self.total(store)
            #expect(after.questions == 1200 && after.calls == before.calls && after.costNano == before.costNano)
            let days = "SELECT count(DISTINCT day) FROM usage_rollups"
            #expect(try await store.database.scalar(days) == .int(1))
            let shares = "SELECT CAST(sum(calls) AS bigint) FROM usage_rollups WHERE dimension = 'tool'"
            #expect(try await store.database.scalar(shares) == .int(before.calls))
        }
    }

    @Test("a repriced question counts with its new cost after a rebuild", arguments: Backend.allCases)
    func repriced(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.record(RollupSamples.questions(30, from: Self.start, seed: 5))
            let row = try #require(try await store.recent().first)
            let id = try #require(row.id)
            let before = try await Self.total(store)
            _ = try await store.database.write {
                try SQLStatement.insert(
                    into: "audit_reprice",
                    [("audit_id", .int(id)), ("old_nano", .int(row.cost.nano)), ("new_nano", .int(77))], on: $0)
            }
            try await store.rebuildRollups()
            let after = try await Self.total(store)
            #expect(after.costNano == before.costNano - row.cost.nano + 77)
            #expect(after.questions == before.questions && after.milliseconds == before.milliseconds)
        }
    }

    private static func total(_ store: Store) async throws -> UsageFigures {
        try await store.database.read { connection in
            let sums = UsageFigures.columns.map { "sum(\($0.name)) AS \($0.name)" }.joined(separator: ", ")
            let rows = try connection.query("SELECT \(sums) FROM usage_rollups WHERE dimension = 'total'", [])
            return try #require(rows.first.map { UsageFigures($0) })
        }
    }

    @Test(
        "with another time zone the days are computed anew once, also from roll-ups that are missing",
        arguments: Backend.allCases)
    func zones(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let questions = RollupSamples.questions(150, from: Self.start, seed: 6)
            try await store.record(questions)
            #expect(try await store.ensureRollups())
            #expect(try await Self.difference(store.rollupLines(), ExpectedRollups.lines(questions)) == [])
            let zone = try #require(Self.kolkata)
            let indian = Store(store.database, calendar: ReportingCalendar(timeZone: zone))
            #expect(try await indian.ensureRollups())
            let more = RollupSamples.questions(150, from: Self.start, seed: 7)
            try await indian.record(more)
            let expected = ExpectedRollups.lines(questions + more, offset: 19_800)
            #expect(try await Self.difference(store.rollupLines(), expected) == [])
            try await store.database.write { try $0.script("DELETE FROM usage_rollups") }
            #expect(try await indian.ensureRollups())
            #expect(try await Self.difference(store.rollupLines(), expected) == [])
        }
    }

    @Test("a first day that another time zone leaves without rows is counted no more", arguments: Backend.allCases)
    func emptiedDay(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let evening = Self.start.addingTimeInterval(19 * 3600)
            let questions = RollupSamples.questions(150, from: evening, seed: 10)
            try await store.record(questions)
            #expect(try await store.ensureRollups())
            let first = "SELECT min(day) FROM usage_rollups"
            #expect(try await store.database.scalar(first) == .text("2026-11-26"))
            let zone = try #require(Self.kolkata)
            #expect(try await Store(store.database, calendar: ReportingCalendar(timeZone: zone)).ensureRollups())
            #expect(try await store.database.scalar(first) == .text("2026-11-27"))
            let expected = ExpectedRollups.lines(questions, offset: 19_800)
            #expect(try await Self.difference(store.rollupLines(), expected) == [])
        }
    }

    @Test(
        "questions that end at once in several processes, during rebuilds, are all counted", arguments: Backend.allCases
    )
    func concurrent(_ backend: Backend) async throws {
        try await backend.withStores(backend == .postgres ? 4 : 2) { stores in
            let calls = [Samples.call("1"), Samples.call("2", "search_logs", .failed), Samples.call("3", "a", .denied)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, store) in stores.enumerated() {
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<15 {
                                let question = Samples.question(thread: ULID().text)
                                let isDone = try await store.answer(question, Samples.answered(calls: calls))
                                #expect(isDone)
                            }
                        }
                    }
                    guard number == 0 else { continue }
                    group.addTask { for _ in 0..<5 { try await store.rebuildRollups() } }
                }
                try await group.waitForAll()
            }
            let total = try await Self.total(stores[0])
            let expected = Int64(stores.count * 60)
            #expect(total.questions == expected && total.calls == 2 * expected && total.failedCalls == expected)
            #expect(total.costNano == expected * Samples.usage().cost.nano)
            let lines = try await stores[0].rollupLines()
            try await stores[0].rebuildRollups()
            #expect(try await Self.difference(lines, stores[0].rollupLines()) == [])
        }
    }

    @Test("a question of the spool and a withdrawn one count once", arguments: Backend.allCases)
    func spooled(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let first = NewQuestion(Samples.question(thread: "T1:C1:1.0"), originKey: "k1", origin: Samples.origin)
            _ = try await fixture.store.accept(first)
            _ = try await fixture.store.work(on: first.question.id)
            let second = Samples.question(thread: "T1:C1:2.0")
            _ = try await fixture.store.accept(NewQuestion(second, originKey: "k2", origin: Samples.origin))
            let failure = Failure(
                error: BridgeError(.deadline, "Its turn did not come."), errorID: second.id.errorID, usage: Usage())
            let late = FinishedQuestion(second, origin: Samples.origin, outcome: .failed(failure))
            #expect(try await fixture.store.withdraw(late, by: Samples.process))
            let spool = try #require(fixture.store.spool)
            let rows = try #require(
                try await spool.file.use { try await $0.read { try SpooledRows(first.question.id, on: $0) } })
            // As after a crash between the import and the removal from the spool.
            try await fixture.inspect { plain in
                try await plain.ensureCurrentPartitions()
                for _ in 0..<2 { try await plain.importRows(rows) }
            }
            try await fixture.comeBack()
            try await fixture.inspect { plain in
                let total = try await Self.total(plain)
                #expect(total.questions == 2 && total.errors == 1 && total.calls == 1)
                let lines = try await plain.rollupLines()
                try await plain.rebuildRollups()
                #expect(try await Self.difference(lines, plain.rollupLines()) == [])
            }
        }
    }

    @Test("a recorded history has the ids of known users and no rows of questions", arguments: Backend.allCases)
    func history(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let ada = try await store.seen(
                SeenUser(team: "T1", slackUserID: "U1", email: "ada@example.com", name: "Ada", role: "dba"))
            try await store.record(RollupSamples.questions(20, from: Self.start, seed: 8))
            let ids = try await store.database.read { connection in
                try connection.query("SELECT user_email, user_id FROM audit_logs", []).map { row in
                    row.text("user_email") == "ada@example.com"
                        ? row.int("user_id") == ada.id : row.int("user_id") == nil
                }
            }
            #expect(ids.count == 20 && ids.allSatisfy { $0 })
            #expect(try await store.unfinished().isEmpty)
        }
    }
}
