import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Analytics tools", .timeLimit(.minutes(3)))
struct AnalyticsToolsTests {
    @Test("the tools only read, are of the analytics server, and say so in their first words")
    func definitions() async throws {
        try await Backend.sqlite.withStore { store in
            let tools = try await AnalyticsTools(store: store).tools()
            #expect(tools.map(\.name.tool) == AnalyticsReports.all.map(\.name))
            for tool in tools {
                #expect(tool.name.server == Policy.analyticsServer)
                #expect(tool.description.hasPrefix("OMNI2 Analytics: "))
                #expect(
                    tool.annotations
                        == ToolAnnotations(readOnly: true, destructive: false, idempotent: true, openWorld: false))
                #expect(tool.inputSchema["additionalProperties"] == false)
            }
        }
    }

    @Test(
        "the words of a question find the tool",
        arguments: [
            ("How much did we spend this week?", "get_cost_summary"),
            ("What was the total cost by user this month?", "get_cost_summary"),
            ("Show me the most expensive queries", "get_top_expensive_queries"),
            ("What are the slowest queries today?", "get_slow_queries"),
            ("Which queries needed many iterations?", "get_iteration_analysis"),
            ("Give me an error summary for today", "get_error_summary"),
            ("Show recent failed queries", "get_failed_queries"),
            ("Who are the most active users?", "get_active_users"),
            ("What are the most popular tools?", "get_tool_popularity"),
            ("Show the health of the MCP servers", "get_mcp_health_summary"),
            ("Show me token usage for today", "get_token_usage"),
            ("What's the cache hit rate?", "get_cache_hit_rate"),
            ("How effective is prompt caching?", "get_cache_hit_rate"),
            ("show me cost for today", "get_cost_summary"), ("which users are most active?", "get_active_users"),
            ("what is the cache hit rate?", "get_cache_hit_rate"),
            ("which questions failed today?", "get_failed_queries"),
            ("which tools are used most?", "get_tool_popularity"),
        ])
    func words(_ question: String, _ name: String) async throws {
        try await Backend.sqlite.withStore { store in
            let index = ToolIndex(try await AnalyticsTools(store: store).tools())
            #expect(index.search(question, limit: 1).first?.tool.name.tool == name)
        }
    }

    @Test("a call has Markdown and data; an argument that is not allowed is an error in words")
    func calls() async throws {
        try await Backend.sqlite.withStore { store in
            let tools = AnalyticsTools(store: store)
            let result = try await tools.call("get_cost_summary", arguments: ["period": "today"])
            #expect(!result.isError && result.text.hasPrefix("## Cost: today ("))
            #expect(result.structured?["period"] == "today")
            #expect(result.userContent.isEmpty)
            let wrong = try await tools.call("get_cost_summary", arguments: ["period": "year"])
            #expect(wrong.isError)
            #expect(wrong.text == "period cannot be \"year\": allowed are today, week, month, all.")
            #expect(try await tools.call("get_nothing", arguments: [:]).isError)
        }
    }

    @Test("a chart is for the user only")
    func chart() async throws {
        try await Backend.sqlite.withStore { store in
            try await store.record([FinishedQuestion(Samples.question(), outcome: Samples.answered())])
            let result = try await AnalyticsTools(store: store).call("get_cost_summary", arguments: [:])
            #expect(result.content.count == 1)
            guard case .image(let data, let type) = result.userContent.first else {
                Issue.record("there is no image")
                return
            }
            #expect(type == "image/png" && Data(base64Encoded: data)?.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
        }
    }
}
