/// An MCP server as it was last observed: some columns of `mcp_servers`.
struct ObservedServer: Sendable {
    let name: String
    let displayName: String
    let url: String
    let isEnabled: Bool
    let isHealthy: Bool
    let state: String
    let problem: String?
    let consecutiveFailures: Int64
    /// In the format of ``Timestamp``.
    let lastCheck: String?
    /// The number of tools that it offers.
    let tools: Int64

    init?(_ row: SQLRow) {
        guard let name = row.text("name") else { return nil }
        self.name = name
        displayName = row.text("display_name") ?? ""
        url = row.text("url") ?? ""
        isEnabled = row.bool("is_enabled") ?? true
        isHealthy = row.bool("is_healthy") ?? false
        state = row.text("state") ?? ""
        problem = row.text("problem")
        consecutiveFailures = row.int("consecutive_failures") ?? 0
        lastCheck = row.text("last_health_check")
        tools = row.int("tools") ?? 0
    }
}

extension ReportReader {
    /// All MCP servers, by name.
    func servers() throws -> [ObservedServer] {
        let sql = """
            SELECT name, display_name, url, is_enabled, is_healthy, state, problem, consecutive_failures,
                \(connection.dialect.selected("last_health_check", .time)),
                (SELECT count(*) FROM mcp_tools WHERE mcp_tools.mcp_server_id = mcp_servers.id
                    AND mcp_tools.is_present) AS tools
            FROM mcp_servers ORDER BY name
            """
        return try connection.query(sql, []).compactMap { ObservedServer($0) }
    }
}
