package import Bridge
package import Foundation

extension Store {
    /// Stores the state of an MCP server and, if `tools` is not nil, its tools; tools that the server does not offer
    /// any more stay with `is_present` false.
    ///
    /// - Parameter url: the server's address or command, without credentials.
    package func observed(_ status: ServerStatus, url: String, tools: [ToolDefinition]? = nil) async throws {
        try await database.write { connection in
            let id = try Self.upsert(status, url, connection)
            guard let tools else { return }
            var gone = SQLStatement(connection.dialect)
            try connection.execute(
                """
                UPDATE mcp_tools SET is_present = \(gone.bind(.bool(false)))
                WHERE mcp_server_id = \(gone.bind(.int(id)))
                """, gone.values)
            // Sorted by name, so that two processes lock the rows in the same order and cannot deadlock.
            for tool in tools.sorted(by: { $0.name < $1.name }) { try Self.upsert(tool, server: id, connection) }
        }
    }

    /// Stores that only the servers of these names are configured: others become disabled, and their tools are not
    /// offered any more.
    package func observedServers(_ names: [String]) async throws {
        try await database.write { connection in
            var statement = SQLStatement(connection.dialect)
            let places = statement.list(names)
            let gone = names.isEmpty ? "is_enabled" : "is_enabled AND name NOT IN (\(places))"
            let rows = try connection.query("SELECT id FROM mcp_servers WHERE \(gone)", statement.values)
            for id in rows.compactMap({ $0.int("id") }) {
                var server = SQLStatement(connection.dialect)
                let (no, key) = (server.bind(.bool(false)), server.bind(.int(id)))
                try connection.execute(
                    "UPDATE mcp_tools SET is_present = \(no) WHERE mcp_server_id = \(key)", server.values)
                try connection.execute(
                    """
                    UPDATE mcp_servers SET is_enabled = \(no), is_healthy = \(no), state = 'disabled', problem = NULL,
                        consecutive_failures = 0, updated_at = \(connection.dialect.now) WHERE id = \(key)
                    """, server.values)
            }
        }
    }

    /// When the server was last healthy, as this or another process stored it; nil if it never was, or is not known.
    package func lastSeen(server: String) async throws -> Date? {
        try await inStore {
            try await $0.read { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    SELECT \(connection.dialect.selected("last_seen", .time)) FROM mcp_servers
                    WHERE name = \(statement.bind(.text(server)))
                    """
                return try connection.query(sql, statement.values).first?.time("last_seen")
            }
        }
    }

    private static func upsert(_ status: ServerStatus, _ url: String, _ connection: any SQLConnection) throws -> Int64 {
        let isHealthy = status.state == .healthy || status.state == .degraded
        let now = Date()
        try SQLStatement.insert(
            into: "mcp_servers",
            [
                ("name", .text(status.name)), ("display_name", .text(status.displayName)), ("url", .text(url)),
                ("is_enabled", .bool(status.state != .disabled)), ("is_healthy", .bool(isHealthy)),
                ("state", .text(status.state.rawValue)), ("problem", .text(status.problem)),
                ("consecutive_failures", .int(status.state == .unhealthy ? 1 : 0)), ("last_health_check", .time(now)),
                ("last_seen", .time(isHealthy ? now : nil)), ("updated_at", .time(now)),
            ],
            """
            ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name, url = excluded.url,
                is_enabled = excluded.is_enabled, is_healthy = excluded.is_healthy, state = excluded.state,
                problem = excluded.problem, last_health_check = excluded.last_health_check,
                last_seen = coalesce(excluded.last_seen, mcp_servers.last_seen), updated_at = excluded.updated_at,
                consecutive_failures = CASE WHEN excluded.consecutive_failures = 0 THEN 0
                    ELSE mcp_servers.consecutive_failures + 1 END
            """, on: connection)
        let rows = try connection.query("SELECT id FROM mcp_servers WHERE name = $1", [.text(status.name.storable)])
        guard let id = rows.first?.int("id") else { throw StoreError(.other, "the server was not stored") }
        return id
    }

    private static func upsert(_ tool: ToolDefinition, server: Int64, _ connection: any SQLConnection) throws {
        try SQLStatement.insert(
            into: "mcp_tools",
            [
                ("mcp_server_id", .int(server)), ("name", .text(tool.name.tool)),
                ("description", .text(tool.description)), ("input_schema", .json(tool.inputSchema)),
                ("is_dangerous", .bool(tool.annotations.destructive ?? false)),
                ("annotations", .json(tool.annotations.json)), ("is_present", .bool(true)),
            ],
            """
            ON CONFLICT (mcp_server_id, name) DO UPDATE SET description = excluded.description,
                input_schema = excluded.input_schema, is_dangerous = excluded.is_dangerous,
                annotations = excluded.annotations, is_present = excluded.is_present
            """, on: connection)
    }
}

extension ToolAnnotations {
    fileprivate var json: JSONValue {
        let hints: [(String, Bool?)] = [
            ("readOnlyHint", readOnly), ("destructiveHint", destructive), ("idempotentHint", idempotent),
            ("openWorldHint", openWorld),
        ]
        var object = JSONObject()
        for (name, hint) in hints { object[name] = hint.map(JSONValue.bool) }
        return .object(object)
    }
}
