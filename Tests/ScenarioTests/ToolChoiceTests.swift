import Analytics
import Bridge
import DemoOps
import Testing

/// The offline model's choice among the tools of the demo's MCP server and those of the audit log together.
@Suite("The choice among all tools of the demo", .timeLimit(.minutes(2)))
struct ToolChoiceTests {
    private func turn(_ question: String, isAdministrator: Bool) async throws -> ModelTurn {
        let operations = try await DemoOps().tools()
        let analytics = AnalyticsTools.definitions
        let allowed = (isAdministrator ? operations + analytics : operations).sorted { $0.name < $1.name }
        let verdict = Verdict(
            .deny, step: .role, rule: RuleSource(file: "users.yaml", line: 1, key: "roles"),
            reason: "for administrators only")
        let request = ModelRequest(
            model: "offline", maxTokens: 1000, system: "",
            tools: allowed.map { ModelTool(wireName: "\($0.name.server)__\($0.name.tool)", definition: $0) },
            withheld: isAdministrator ? [] : analytics.map { WithheldTool(definition: $0, verdict: verdict) },
            messages: [.user(question)])
        return try await OfflineModel().turn(request) { _ in }
    }

    @Test(
        "an administrator's questions about the audit log find its tools",
        arguments: [
            ("show me cost for today", "get_cost_summary"), ("How much did we spend this month?", "get_cost_summary"),
            ("what are the slowest queries this week?", "get_slow_queries"),
            ("which questions were slow?", "get_slow_queries"), ("which users are most active?", "get_active_users"),
            ("what is the cache hit rate?", "get_cache_hit_rate"), ("show me token usage for today", "get_token_usage"),
            ("which tools are used most?", "get_tool_popularity"),
            ("what are the most expensive queries this month?", "get_top_expensive_queries"),
            ("show recent failed queries", "get_failed_queries"),
            ("give me an error summary for this week", "get_error_summary"),
            ("how are the MCP servers doing?", "get_mcp_health_summary"),
            ("Which queries needed many iterations?", "get_iteration_analysis"),
        ])
    func analytics(question: String, tool: String) async throws {
        let calls = try await turn(question, isAdministrator: true).calls
        #expect(calls.map(\.wireName) == ["omni2_analytics_mcp__\(tool)"])
    }

    @Test(
        "questions about operations find the tools of the shop, for administrators too",
        arguments: [
            ("What are the top 5 slowest queries?", "get_top_queries"),
            ("is the database healthy?", "get_database_health"),
            ("What is the error rate of checkout?", "get_error_rate"),
            ("which services are slow?", "get_service_health"),
            ("which sessions are active?", "list_sessions"), ("which deploys were there this week?", "list_deploys"),
        ])
    func operations(question: String, tool: String) async throws {
        for isAdministrator in [true, false] {
            let calls = try await turn(question, isAdministrator: isAdministrator).calls
            #expect(calls.map(\.wireName) == ["ops__\(tool)"])
        }
    }

    @Test(
        "who may not use the analytics tools gets those of the shop where they fit",
        arguments: ["what are the slowest queries this week?", "what are the slowest queries today?"])
    func shared(question: String) async throws {
        #expect(try await turn(question, isAdministrator: false).calls.map(\.wireName) == ["ops__get_top_queries"])
    }

    @Test(
        "and a refusal where none fits",
        arguments: ["show me cost for today", "which users are most active?", "what is the cache hit rate?"])
    func refused(question: String) async throws {
        guard case .withheld(let tool) = try await turn(question, isAdministrator: false).stop else {
            Issue.record("nothing was refused")
            return
        }
        #expect(tool.definition.name.server == "omni2_analytics_mcp")
    }

    @Test("why is checkout slow has the same steps for an administrator")
    func trouble() async throws {
        let calls = try await turn("why is checkout slow?", isAdministrator: true).calls
        #expect(calls.map(\.wireName) == ["ops__get_service_health", "ops__list_incidents"])
    }
}
