import Foundation
import Testing

@testable import Analytics
@testable import Bridge

/// Rows and arguments that no question of this program has.
@Suite("Figures of unusual rows and arguments", .timeLimit(.minutes(10)))
struct FigureTestsEdges {
    private static let now = Timestamp.date("2026-11-18T12:00:00.000Z") ?? .distantPast
    private static let ended = "2026-11-17T09:30:00.000Z"

    /// Inserts rows as an older program wrote them, without what it did not know.
    private static func withOldRows(_ backend: Backend, _ body: (Store) async throws -> Void) async throws {
        try await backend.withStore { store in
            try await store.ensurePartitions(for: Self.now)
            try await store.database.write { connection in
                for status in ["success", "error", "warning"] {
                    try SQLStatement.insert(
                        into: "audit_logs",
                        [
                            ("created_at", .time(Timestamp.date(Self.ended))),
                            ("timestamp", .time(Timestamp.date(Self.ended))),
                            ("success", .bool(status != "error")), ("status", .text(status)),
                            ("iterations", .int(nil)), ("tokens_input", .int(nil)), ("tokens_output", .int(nil)),
                            ("tokens_cached", .int(nil)), ("model", .text(nil)), ("duration_ms", .int(nil)),
                            ("user_email", .text(nil)), ("user_role", .text(nil)), ("question", .text(nil)),
                            ("tools_used", .strings(nil)), ("tool_calls_count", .int(nil)),
                        ], on: connection)
                }
            }
            try await store.rebuildRollups()
            try await body(store)
        }
    }

    private static func run(_ name: String, _ arguments: JSONObject, _ store: Store) async throws -> JSONValue {
        .object(try await ReportRun.result(name, arguments, in: store, now: Self.now).structured)
    }

    /// Compares some members; `null` for one that is missing.
    private static func expect(_ object: JSONValue?, _ members: JSONObject, _ comment: Comment? = nil) {
        for (key, value) in members { #expect((object?[key] ?? .null) == value, comment ?? "\(key)") }
    }

    @Test("rows with NULL in all columns that may have it count as questions with zeros", arguments: Backend.allCases)
    func nulls(_ backend: Backend) async throws {
        try await Self.withOldRows(backend) { store in
            for (name, arguments) in ReportRun.calls {
                let result = try await ReportRun.result(name, arguments, in: store, now: Self.now)
                #expect(FigureTestsComparison.missingTotals(result) == [], "\(name) \(arguments)")
            }
            let labels = ["user": "none", "role": "none", "channel": "no channel", "model": "no model"]
            for (grouping, label) in labels {
                let cost = try await Self.run("cost_summary", ["group_by": .string(grouping)], store)
                Self.expect(cost["totals"], ["questions": 3, "cost_nano": 0, "avg_cost_nano": 0])
                #expect(cost["rows"]?.array?.count == 1, "\(grouping)")
                let row: JSONObject = ["name": .string(label), "questions": 3, "cost_nano": 0, "cost_percent": .null]
                Self.expect(cost["rows"]?[0], row, "\(grouping)")
            }
            let tokens = try await Self.run("token_usage", ["group_by": "model"], store)
            Self.expect(tokens["totals"], ["tokens": 0, "iterations": 0])
            Self.expect(tokens["rows"]?[0], ["tokens": 0, "name": "no model"])
            let cache = try await Self.run("cache_hit_rate", [:], store)
            Self.expect(cache["totals"], ["hit_percent": .null, "tokens_prompt": 0])
            Self.expect(try await Self.run("cost_summary", ["group_by": "mcp"], store), ["rows": []])
        }
    }

    @Test(
        "lists show rows with NULL, and leave out those whose duration or iterations are not known",
        arguments: Backend.allCases)
    func nullsInLists(_ backend: Backend) async throws {
        try await Self.withOldRows(backend) { store in
            let expensive = try await Self.run("top_expensive_queries", [:], store)["rows"]?.array ?? []
            #expect(expensive.count == 3)
            let empty: JSONObject = [
                "user": "", "question": "", "model": .null, "tools": [], "duration_ms": 0, "iterations": 0,
                "tokens_input": 0, "price_known": true, "time": .string(Self.ended),
            ]
            for row in expensive { Self.expect(row, empty) }
            let slow = try await Self.run("slow_queries", ["min_duration_ms": 0], store)
            Self.expect(slow["totals"], ["questions": 3, "avg_ms": 0, "p99_ms": 0])
            Self.expect(slow, ["rows": [], "has_more": false])
            let many = try await Self.run("iteration_analysis", ["min_iterations": 1], store)
            Self.expect(many["totals"], ["warnings": 1, "iterations": 0])
            Self.expect(many, ["rows": [], "has_more": false])
            let failed = try await Self.run("failed_queries", [:], store)["rows"]
            #expect(failed?.array?.count == 1)
            Self.expect(failed?[0], ["error_message": .null, "error_code": .null, "error_id": .null, "mcps": []])
            let errors = try await Self.run("error_summary", [:], store)
            Self.expect(errors["totals"], ["total": 3, "errors": 1, "warnings": 1, "blocked": 0])
            Self.expect(errors["rows"]?[0], ["message": "", "count": 1])
            Self.expect(errors, ["blocked": [], "tools": []])
            let users = try await Self.run("active_users", [:], store)
            Self.expect(users["totals"], ["users": 1, "questions": 3])
            Self.expect(users["rows"]?[0], ["user": "", "role": "", "last_activity": .string(Self.ended)])
        }
    }

    /// The tables of the figures with their numbers of rows.
    private static func tables(_ store: Store) async throws -> [Int64] {
        try await store.database.read { connection in
            try ["audit_logs", "tool_calls", "users", "usage_rollups", "latency_rollups", "error_rollups"].map {
                table in
                try connection.query("SELECT count(*) AS number FROM \(table)", []).first?.int("number") ?? -1
            }
        }
    }

    @Test(
        "SQL, U+0000 and very long texts in each parameter are an error or find nothing, and change no table",
        arguments: Backend.allCases)
    func hostile(_ backend: Backend) async throws {
        let one = FigureTestsCase(seed: 51, time: "2026-11-18T12:00:00")
        let texts = [
            "'; DROP TABLE audit_logs; --", "x@example.com'; DROP TABLE audit_logs; --", "\u{0}", "a\u{0}b@c", "$1",
            "%", "\\",
            String(repeating: "é", count: 10_000), String(repeating: "a@", count: 5000),
        ]
        try await one.withStore(backend) { store, now in
            let questions = FigureTestsSamples.questions(40, around: now, in: one.zone, seed: one.seed)
            _ = try await FigureTestsRun.record(questions, now: now, in: one.zone, store)
            let before = try await Self.tables(store)
            #expect(before.allSatisfy { $0 > 0 })
            for report in AnalyticsReports.all {
                for parameter in report.parameters {
                    for text in texts {
                        try await Self.expectNothing(report, [parameter.name: .string(text)], store, now)
                    }
                }
                for text in texts { try await Self.expectNothing(report, [text: .string(text)], store, now) }
            }
            #expect(try await Self.tables(store) == before)
        }
    }

    /// The report has a problem with its argument, in few words, or no rows and zeros.
    private static func expectNothing(
        _ report: AnalyticsReport, _ arguments: JSONObject, _ store: Store, _ now: Date
    ) async throws {
        do {
            let result = try await report.run(arguments, in: store, now: now)
            let structured = JSONValue.object(result.structured)
            #expect(JSONSchemaValidator.problem(of: structured, against: report.outputSchema) == nil)
            #expect(structured["rows"] == [] && !result.markdown.contains("\u{0}"), "\(report.name)")
            for (key, value) in structured["totals"]?.object ?? [:] {
                #expect(value.double == 0, "\(report.name) \(key)")
            }
        } catch let problem as ReportProblem {
            #expect(problem.description.unicodeScalars.count < 600 && !problem.description.contains("\u{0}"))
        }
    }
}
