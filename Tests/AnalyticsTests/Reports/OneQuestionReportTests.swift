import Bridge
import Foundation
import Testing

@testable import Analytics

/// A store with one question: an answer with two sent calls, one of which failed, and a denied one.
@Suite("Reports of one question", .timeLimit(.minutes(5)))
struct OneQuestionReportTests {
    private static let now = Timestamp.date("2026-11-18T12:00:00.000Z") ?? .distantPast
    private static let calls = [
        Samples.call("1"), Samples.call("2", "search_logs", .failed), Samples.call("3", "drop_index", .denied),
    ]
    /// The cost of ``Samples/usage(calls:)``.
    private static let cost: JSONValue = 2_103_120

    private static func finished(_ outcome: QuestionOutcome) -> FinishedQuestion {
        FinishedQuestion(
            Samples.question("why | is\n`it` slow?", at: now), origin: Samples.origin, outcome: outcome,
            finishedAt: now)
    }

    private static func withStore(
        _ backend: Backend, _ outcome: QuestionOutcome = Samples.answered(calls: Self.calls),
        _ body: (Store) async throws -> Void
    ) async throws {
        try await backend.withStore { store in
            try await store.record([finished(outcome)])
            try await body(store)
        }
    }

    private static func run(_ name: String, _ arguments: JSONObject = [:], _ store: Store) async throws -> JSONValue {
        .object(try await ReportRun.result(name, arguments, in: store, now: now).structured)
    }

    @Test("each report with each choice has a valid result", arguments: Backend.allCases)
    func valid(_ backend: Backend) async throws {
        try await Self.withStore(backend) { store in
            for (name, arguments) in ReportRun.calls {
                _ = try await ReportRun.result(name, arguments, in: store, now: Self.now)
                guard AnalyticsReports.named(name)?.parameters.contains(where: { $0.name == "user_id" }) == true else {
                    continue
                }
                var ofUser = arguments
                ofUser["user_id"] = "ada@example.com"
                let everyone = try await Self.run(name, arguments, store)
                let one = try await Self.run(name, ofUser, store)
                #expect(one["totals"] == everyone["totals"], "\(name) \(arguments)")
                #expect(one["rows"]?.array?.count == everyone["rows"]?.array?.count, "\(name) \(arguments)")
            }
        }
    }

    @Test("cost: totals, what is new, shares and the forecast", arguments: Backend.allCases)
    func cost(_ backend: Backend) async throws {
        try await Self.withStore(backend) { store in
            let report = try await Self.run("cost_summary", [:], store)
            #expect(report["period"] == "week" && report["from"] == "2026-11-12" && report["to"] == "2026-11-18")
            #expect(report["totals"]?["cost_nano"] == Self.cost)
            #expect(report["totals"]?["questions"] == 1 && report["totals"]?["calls"] == 2)
            #expect(report["previous"]?["from"] == "2026-11-05" && report["previous"]?["to"] == "2026-11-11")
            #expect(report["previous"]?["change_percent"]?["cost"] == "new")
            #expect(report["group_by"] == "day" && report["rows"]?[0]?["name"] == "2026-11-18")
            #expect(report["forecast"]?["elapsed_days"] == 18 && report["forecast"]?["month_days"] == 30)
            #expect(report["forecast"]?["estimate_nano"] == 3_505_200)
            let names: [(String, JSONValue)] = [
                ("user", "ada@example.com"), ("mcp", "demo"), ("channel", "C1"), ("model", "claude-3-5-haiku"),
                ("role", "dba"),
            ]
            for (grouping, name) in names {
                for user in [nil, JSONValue.string("ada@example.com")] {
                    var arguments: JSONObject = ["group_by": .string(grouping)]
                    arguments["user_id"] = user
                    let rows = try await Self.run("cost_summary", arguments, store)["rows"]
                    #expect(rows?.array?.count == 1, "\(arguments)")
                    #expect(rows?[0]?["name"] == name && rows?[0]?["cost_nano"] == Self.cost, "\(arguments)")
                    #expect(rows?[0]?["cost_percent"] == 100.0 && rows?[0]?["change"] == "new", "\(arguments)")
                }
            }
        }
    }

    @Test("an unknown price is counted and named", arguments: Backend.allCases)
    func unpriced(_ backend: Backend) async throws {
        var usage = Samples.usage()
        usage.priceKnown = false
        usage.cost = .zero
        let outcome = QuestionOutcome.answered(Answer(text: "so", usage: usage))
        try await Self.withStore(backend, outcome) { store in
            for name in ["cost_summary", "top_expensive_queries", "token_usage", "active_users"] {
                let result = try await ReportRun.result(name, in: store, now: Self.now)
                let note = "1 question used a model without a known price; its cost is not included."
                #expect(result.notes.contains(note), "\(name)")
            }
            let row = try await Self.run("top_expensive_queries", [:], store)["rows"]?[0]
            #expect(row?["price_known"] == false)
        }
    }

    @Test("lists of questions: the row, and the limits that leave it out", arguments: Backend.allCases)
    func lists(_ backend: Backend) async throws {
        try await Self.withStore(backend) { store in
            let lists: [(String, JSONObject, JSONObject)] = [
                ("top_expensive_queries", [:], ["period": "today"]),
                ("slow_queries", ["min_duration_ms": 1234], ["min_duration_ms": 1235]),
                ("iteration_analysis", ["min_iterations": 2], ["min_iterations": 3]),
            ]
            for (name, arguments, others) in lists {
                let result = try await ReportRun.result(name, arguments, in: store, now: Self.now)
                let row = result.structured["rows"]?[0]
                #expect(row?["user"] == "ada@example.com" && row?["cost_nano"] == Self.cost, "\(name)")
                #expect(row?["question"] == "why | is\n`it` slow?" && row?["iterations"] == 2, "\(name)")
                #expect(row?["tools"] == ["demo.get_top_queries", "demo.search_logs"], "\(name)")
                #expect(row?["duration_ms"] == 1234 && row?["time"] == "2026-11-18T12:00:00.000Z", "\(name)")
                #expect(result.structured["has_more"] == false, "\(name)")
                #expect(result.markdown.contains("why \\| is 'it' slow?"), "\(name)")
                let isOther = name == "top_expensive_queries"
                let other = try await Self.run(name, others, store)["rows"]?.array
                #expect(other?.count == (isOther ? 1 : 0), "\(name)")
            }
            let slow = try await Self.run("slow_queries", [:], store)
            #expect(slow["totals"]?["avg_ms"] == 1234)
            let p95 = try #require(slow["totals"]?["p95_ms"]?.double)
            #expect(abs(p95 - 1234) <= 1234 * 0.025)
        }
    }

    @Test("a repriced question has its new cost in lists", arguments: Backend.allCases)
    func repriced(_ backend: Backend) async throws {
        try await Self.withStore(backend) { store in
            try await store.record([Self.finished(Samples.answered())])
            let ids = try await store.recent().compactMap(\.id).sorted()
            let first = try #require(ids.first)
            _ = try await store.database.write { connection in
                try SQLStatement.insert(
                    into: "audit_reprice",
                    [("audit_id", .int(first)), ("old_nano", .int(2_103_120)), ("new_nano", .int(1))], on: connection)
            }
            let calls: [(String, JSONObject)] = [
                ("top_expensive_queries", [:]), ("slow_queries", ["min_duration_ms": 0]),
                ("top_expensive_queries", ["period": "all"]),
            ]
            for (name, arguments) in calls {
                let rows = try await Self.run(name, arguments, store)["rows"]?.array ?? []
                let costs = rows.compactMap { $0["cost_nano"]?.int }
                #expect(costs.sorted() == [1, 2_103_120], "\(name)")
                #expect(name == "slow_queries" || costs == [2_103_120, 1], "\(name)")
            }
            let one = try await Self.run("top_expensive_queries", ["limit": 1], store)
            #expect(one["has_more"] == true && one["rows"]?[0]?["cost_nano"] == Self.cost)
        }
    }

    @Test("errors: a failed question, and the calls of a server or tool", arguments: Backend.allCases)
    func errors(_ backend: Backend) async throws {
        let error = BridgeError(.modelUnavailable, "The model does not answer.", hint: "Ask again later.")
        let failure = Failure(error: error, errorID: "E-12345678", usage: Samples.usage(calls: Self.calls))
        try await Self.withStore(backend, .failed(failure)) { store in
            let all = try await Self.run("error_summary", [:], store)
            #expect(all["counted"] == "questions" && all["totals"]?["total"] == 1 && all["totals"]?["errors"] == 1)
            #expect(all["totals"]?["error_percent"] == 100.0 && all["totals"]?["denied_calls"] == 1)
            #expect(all["rows"]?[0]?["message"]?.string?.hasPrefix("model_unavailable: ") == true)
            #expect(all["tools"]?[0]?["tool"] == "search_logs" && all["tools"]?[1]?["tool"] == "drop_index")
            let filters: [(JSONObject, Int)] = [
                (["mcp_name": "demo"], 2), (["tool_name": "search_logs"], 1), (["tool_name": "demo.search_logs"], 1),
                (["tool_name": "demo__search_logs"], 1), (["mcp_name": "demo", "tool_name": "search_logs"], 1),
                (["mcp_name": "other"], 0),
            ]
            for (arguments, total) in filters {
                let report = try await Self.run("error_summary", arguments, store)
                #expect(report["counted"] == "calls", "\(arguments)")
                #expect(report["totals"]?["total"]?.int == total, "\(arguments)")
                #expect(report["totals"]?["errors"]?.int == min(1, total), "\(arguments)")
                #expect(total == 0 || report["rows"]?[0]?["tool"] == "search_logs", "\(arguments)")
            }
            let failed = try await Self.run("failed_queries", [:], store)["rows"]?[0]
            #expect(failed?["error_id"] == "E-12345678" && failed?["was_blocked"] == false)
        }
    }

    @Test("a refused question is a blocked attempt", arguments: Backend.allCases)
    func blocked(_ backend: Backend) async throws {
        let refusal = Refusal(message: "Not you.", rule: "users.yaml:9 roles.dba", usage: Usage())
        try await Self.withStore(backend, .refused(refusal)) { store in
            let report = try await Self.run("error_summary", [:], store)
            #expect(report["totals"]?["blocked"] == 1 && report["rows"] == [])
            #expect(report["blocked"]?[0]?["message"] == "refused: Not you." && report["blocked"]?[0]?["count"] == 1)
            let failed = try await Self.run("failed_queries", [:], store)
            #expect(failed["totals"]?["blocked"] == 1 && failed["rows"]?[0]?["was_blocked"] == true)
        }
    }

    @Test("users, tools, servers, tokens and the cache", arguments: Backend.allCases)
    func others(_ backend: Backend) async throws {
        try await Self.withStore(backend) { store in
            let users = try await Self.run("active_users", ["role": "dba"], store)
            #expect(users["rows"]?[0]?["user"] == "ada@example.com" && users["rows"]?[0]?["role"] == "dba")
            #expect(users["totals"]?["users"] == 1 && users["totals"]?["cost_nano"] == Self.cost)
            #expect(try await Self.run("active_users", ["role": "admin"], store)["rows"] == [])
            let tools = try await Self.run("tool_popularity", [:], store)
            #expect(tools["totals"]?["tools"] == 2 && tools["totals"]?["calls"] == 2)
            #expect(
                tools["rows"]?.array?.compactMap { $0["tool"]?.string } == [
                    "get_top_queries", "search_logs", "drop_index",
                ])
            #expect(tools["rows"]?[0]?["avg_ms"] == 12 && tools["rows"]?[1]?["error_percent"] == 100.0)
            let servers = try await Self.run("mcp_health_summary", [:], store)
            #expect(servers["rows"]?[0]?["mcp"] == "demo" && servers["rows"]?[0]?["state"] == "not observed")
            #expect(servers["rows"]?[0]?["success_percent"] == 50.0)
            let tokens = try await Self.run("token_usage", ["period": "today"], store)
            #expect(tokens["totals"]?["tokens"] == 8075 && tokens["totals"]?["iterations"] == 2)
            let cache = try await Self.run("cache_hit_rate", ["group_by": "model"], store)
            #expect(cache["totals"]?["hit_percent"] == 98.19 && cache["rows"]?[0]?["name"] == "claude-3-5-haiku")
        }
    }

    @Test("observed servers are listed with their state", arguments: Backend.allCases)
    func observed(_ backend: Backend) async throws {
        try await Self.withStore(backend) { store in
            let status = ServerStatus(
                name: "billing", displayName: "Billing", state: .unhealthy, tools: 0, problem: "refused")
            try await store.observed(status, url: "127.0.0.1:1", tools: [])
            let report = try await Self.run("mcp_health_summary", [:], store)
            #expect(report["totals"]?["servers"] == 2 && report["totals"]?["healthy"] == 0)
            let row = report["rows"]?[0]
            #expect(row?["mcp"] == "billing" && row?["state"] == "unhealthy" && row?["problem"] == "refused")
            #expect(row?["healthy"] == false && row?["calls"] == 0 && row?["tool_count"] == 0)
        }
    }
}
