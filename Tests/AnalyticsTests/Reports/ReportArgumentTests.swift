import Bridge
import Testing

@testable import Analytics

@Suite("Arguments of reports", .timeLimit(.minutes(3)))
struct ReportArgumentTests {
    @Test("there are the eleven reports of the original, in its order")
    func names() {
        #expect(
            AnalyticsReports.all.map(\.name) == [
                "get_cost_summary", "get_top_expensive_queries", "get_slow_queries", "get_iteration_analysis",
                "get_error_summary", "get_failed_queries", "get_active_users", "get_tool_popularity",
                "get_mcp_health_summary", "get_token_usage", "get_cache_hit_rate",
            ])
    }

    @Test("a report is found by its name, without get_ and with hyphens")
    func named() {
        for name in ["get_cost_summary", "cost_summary", "cost-summary", "GET-COST-SUMMARY"] {
            #expect(AnalyticsReports.named(name)?.name == "get_cost_summary")
        }
        #expect(AnalyticsReports.named("cost") == nil)
    }

    @Test("absent and null arguments get the original's defaults")
    func defaults() throws {
        let defaults: [(String, String, JSONValue)] = [
            ("get_cost_summary", "period", "week"), ("get_top_expensive_queries", "limit", 10),
            ("get_slow_queries", "min_duration_ms", 5000), ("get_slow_queries", "limit", 20),
            ("get_iteration_analysis", "min_iterations", 5), ("get_error_summary", "period", "week"),
            ("get_failed_queries", "limit", 10), ("get_active_users", "limit", 20),
            ("get_tool_popularity", "limit", 20), ("get_token_usage", "period", "week"),
            ("get_cache_hit_rate", "period", "week"),
        ]
        for (name, parameter, value) in defaults {
            let report = try #require(AnalyticsReports.named(name))
            #expect(report.inputSchema["properties"]?[parameter]?["default"] == value, "\(name) \(parameter)")
            for given: JSONObject in [[:], [parameter: .null]] {
                let checked = try CheckedArguments(given, for: report)
                #expect(checked.text(parameter) == value.string, "\(name) \(parameter)")
                #expect(value.int == nil || checked.number(parameter) == value.int, "\(name) \(parameter)")
            }
        }
    }

    @Test("each parameter refuses other types and values out of its bounds, and says what is allowed")
    func refused() throws {
        for report in AnalyticsReports.all {
            for parameter in report.parameters {
                let (wrong, allowed) = Self.wrong(parameter.kind)
                for value in wrong {
                    let problem = #expect(throws: ReportProblem.self, "\(report.name) \(parameter.name) \(value)") {
                        try CheckedArguments([parameter.name: value], for: report)
                    }
                    #expect(problem?.parameter == parameter.name)
                    #expect(problem?.description.contains(allowed) == true, "\(problem?.description ?? "")")
                }
            }
        }
    }

    /// Values that a parameter refuses, and words of what it allows.
    private static func wrong(_ kind: ReportParameter.Kind) -> (values: [JSONValue], allowed: String) {
        switch kind {
        case .choice(let values): (["year", "", 1, true, []], values.joined(separator: ", "))
        case .number(let bounds):
            (
                [.int(Int64(bounds.lowerBound) - 1), .int(Int64(bounds.upperBound) + 1), 1.5, "five", true, [:]],
                "\(bounds.lowerBound) to \(bounds.upperBound)"
            )
        case .text: (["", .string(String(repeating: "a", count: 201)), 5, true], "1 to 200")
        case .user: (["ada", "", 0, -1, 1.5, true, ["a@b"]], "an e-mail")
        }
    }

    @Test("an unknown argument is refused with the names of the known ones")
    func unknown() throws {
        let report = try #require(AnalyticsReports.named("get_cost_summary"))
        let problem = #expect(throws: ReportProblem.self) { try CheckedArguments(["perod": "week"], for: report) }
        #expect(
            problem?.description
                == "perod cannot be \"week\": get_cost_summary has the parameters period, user_id, group_by only.")
        let health = try #require(AnalyticsReports.named("get_mcp_health_summary"))
        let other = #expect(throws: ReportProblem.self) { try CheckedArguments(["period": "week"], for: health) }
        #expect(other?.description.contains("no parameters") == true)
    }

    @Test("bounds are allowed, and 5.0 is 5")
    func bounds() throws {
        let report = try #require(AnalyticsReports.named("get_slow_queries"))
        for limit: JSONValue in [1, 100, 5.0] {
            #expect(try CheckedArguments(["limit": limit], for: report).number("limit") == limit.int)
        }
    }

    @Test("a user may be an id, an id as text, or an e-mail")
    func users() throws {
        let report = try #require(AnalyticsReports.named("get_cost_summary"))
        #expect(try CheckedArguments(["user_id": 7], for: report).user == 7)
        #expect(try CheckedArguments(["user_id": "7"], for: report).user == 7)
        #expect(try CheckedArguments(["user_id": "ada@example.com"], for: report).user == "ada@example.com")
    }

    @Test("an unknown user is refused with some known ones", arguments: Backend.allCases)
    func unknownUser(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let none = try await ReportRun.problem("get_cost_summary", ["user_id": 999], in: store)
            #expect(none.description.contains("no user is stored yet"))
            _ = try await store.add(SeenUser(email: "ada@example.com", name: "Ada", role: "dba"))
            for user: JSONValue in [999, "bob@example.com", "a\u{0}@b'; DROP TABLE users; --"] {
                let problem = try await ReportRun.problem("get_token_usage", ["user_id": user], in: store)
                #expect(problem.parameter == "user_id")
                #expect(problem.description.contains("ada@example.com"))
            }
            let result = try await ReportRun.result("get_cost_summary", ["user_id": "ADA@example.com"], in: store)
            #expect(result.structured["user"] == "ada@example.com")
        }
    }

    @Test("quotes, wildcards and U+0000 in text are only text", arguments: Backend.allCases)
    func harmless(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for text: JSONValue in ["'; DROP TABLE audit_logs; --", "a\u{0}b", "%", "\\", "\"`|$1"] {
                let calls: [(String, JSONObject)] = [
                    ("get_error_summary", ["mcp_name": text]),
                    ("get_error_summary", ["tool_name": text, "mcp_name": text]), ("get_active_users", ["role": text]),
                ]
                for (name, arguments) in calls {
                    let result = try await ReportRun.result(name, arguments, in: store)
                    #expect(!result.markdown.contains("\u{0}"))
                }
            }
            #expect(try await store.count() == 0)
        }
    }
}
