import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("SQL written for the original system", .timeLimit(.minutes(3)))
struct OriginalSQLTests {
    @Test("its documented queries and its views run unchanged on PostgreSQL")
    func documented() async throws {
        try await Backend.postgres.withStore { store in
            _ = try await store.seen(
                SeenUser(team: "T1", slackUserID: "U1", email: "ada@example.com", name: "Ada", role: "dba"))
            try await store.observed(
                ServerStatus(name: "demo", displayName: "Demo", state: .healthy, tools: 1), url: "http://127.0.0.1/mcp",
                tools: [
                    ToolDefinition(
                        name: ToolName(server: "demo", tool: "get_top_queries"), description: "The slowest",
                        inputSchema: ["type": "object"])
                ])
            let calls = [Samples.call("1"), Samples.call("2", "get_top_queries", .failed)]
            try await store.answer(Samples.question(), Samples.answered(calls: calls))
            for sql in Self.queries {
                let rows = try await store.database.read { try $0.query(sql, []) }
                #expect(rows.count == 1, "\(sql)")
            }
            let usage = try await store.database.read { try $0.query("SELECT * FROM v_tool_usage", []) }
            #expect(usage.first?.int("call_count") == 2)
            #expect(usage.first?.double("success_rate_pct") == 50)
        }
    }

    /// The first four are from the original's README, the others use its views and arrays.
    private static let queries = [
        """
        SELECT user_email, message_preview, cost_estimate,
               tokens_input, tokens_output, tokens_cached, created_at
        FROM audit_logs
        ORDER BY created_at DESC LIMIT 10;
        """,
        "SELECT * FROM audit_logs ORDER BY timestamp DESC LIMIT 20;",
        """
        SELECT u.email, al.message_preview, al.tool_calls_count, al.cost_estimate, al.duration_ms, al.created_at
        FROM audit_logs al
        JOIN users u ON al.user_id = u.id
        ORDER BY al.created_at DESC
        LIMIT 20;
        """,
        """
        SELECT
            u.email,
            COUNT(*) as queries,
            SUM(al.cost_estimate) as total_cost,
            SUM(al.tokens_input + al.tokens_output) as total_tokens
        FROM audit_logs al
        JOIN users u ON al.user_id = u.id
        WHERE al.created_at >= NOW() - INTERVAL '7 days'
        GROUP BY u.email
        ORDER BY total_cost DESC;
        """,
        "SELECT * FROM users;",
        """
        SELECT date, user_id, request_type, total_requests, total_tool_calls, avg_iterations, avg_duration_ms,
            total_tokens_input, total_tokens_output, total_tokens_cached, total_cost, error_count, success_count
        FROM audit_logs_summary WHERE date >= CURRENT_DATE - 7
        """,
        """
        SELECT id, email, name, role, total_queries, successful_queries, failed_queries, avg_duration_ms, last_activity
        FROM v_user_activity WHERE last_activity IS NOT NULL
        """,
        """
        SELECT id, name, url, is_enabled, is_healthy, last_health_check, consecutive_failures, tool_count,
            total_requests, successful_requests, failed_requests, success_rate_pct FROM v_mcp_health WHERE is_healthy
        """,
        """
        SELECT name, mcp_name, category, call_count, success_count, failure_count, success_rate_pct, avg_duration_ms,
            last_called FROM v_tool_usage
        """,
        "SELECT tool FROM audit_logs, unnest(tools_used) AS tool WHERE 'demo' = ANY(mcps_accessed)",
        "SELECT id FROM audit_logs WHERE search_vector @@ to_tsquery('english', 'slow')",
    ]

    @Test("the views can be queried on SQLite too")
    func views() async throws {
        try await Backend.sqlite.withStore { store in
            try await store.answer(Samples.question(), Samples.answered(calls: [Samples.call("1")]))
            for view in ["audit_logs_summary", "v_user_activity", "v_mcp_health", "v_tool_usage"] {
                _ = try await store.database.read { try $0.query("SELECT * FROM \(view)", []) }
            }
            let rows = try await store.database.read {
                try $0.query("SELECT total_cost, success_count FROM audit_logs_summary", [])
            }
            #expect(rows.first?.double("total_cost") == 0.002103)
        }
    }
}
