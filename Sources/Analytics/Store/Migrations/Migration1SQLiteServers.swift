extension Migration1SQLite {
    static let servers = """
        CREATE TABLE mcp_servers (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            url TEXT NOT NULL DEFAULT '',
            is_enabled INTEGER NOT NULL DEFAULT 1,
            is_healthy INTEGER DEFAULT 1,
            last_health_check TEXT,
            last_seen TEXT,
            consecutive_failures INTEGER NOT NULL DEFAULT 0,
            version TEXT,
            capabilities TEXT,
            total_requests INTEGER NOT NULL DEFAULT 0,
            successful_requests INTEGER NOT NULL DEFAULT 0,
            failed_requests INTEGER NOT NULL DEFAULT 0,
            avg_response_time_ms INTEGER,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),

            display_name TEXT NOT NULL DEFAULT '',
            state TEXT NOT NULL DEFAULT 'starting',
            problem TEXT
        );

        CREATE TABLE mcp_tools (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            mcp_server_id INTEGER NOT NULL REFERENCES mcp_servers (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            description TEXT,
            input_schema TEXT,
            category TEXT,
            tags TEXT,
            is_dangerous INTEGER NOT NULL DEFAULT 0,
            requires_admin INTEGER NOT NULL DEFAULT 0,
            call_count INTEGER NOT NULL DEFAULT 0,
            success_count INTEGER NOT NULL DEFAULT 0,
            failure_count INTEGER NOT NULL DEFAULT 0,
            avg_duration_ms INTEGER,
            discovered_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            last_called TEXT,

            annotations TEXT,
            definition_hash TEXT,
            accepted_hash TEXT,
            is_present INTEGER NOT NULL DEFAULT 1,
            UNIQUE (mcp_server_id, name)
        );
        """

    static let administration = """
        CREATE TABLE budgets (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            scope TEXT NOT NULL CHECK (scope IN ('user', 'role', 'channel', 'all')),
            name TEXT NOT NULL DEFAULT '',
            per TEXT NOT NULL CHECK (per IN ('question', 'day', 'month')),
            period TEXT NOT NULL,
            spent_nano INTEGER NOT NULL DEFAULT 0,
            reserved_nano INTEGER NOT NULL DEFAULT 0,
            spent_tokens INTEGER NOT NULL DEFAULT 0,
            reserved_tokens INTEGER NOT NULL DEFAULT 0,
            updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            UNIQUE (scope, name, per, period)
        );

        CREATE TABLE admin_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT,
            detail TEXT NOT NULL DEFAULT '{}'
        );
        CREATE INDEX admin_events_at ON admin_events (at DESC);

        CREATE TABLE audit_keys (
            id TEXT NOT NULL PRIMARY KEY,
            algorithm TEXT NOT NULL,
            public_key TEXT NOT NULL,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            retired_at TEXT
        );

        CREATE TABLE audit_heads (
            chain_day TEXT NOT NULL PRIMARY KEY,
            seq INTEGER NOT NULL,
            hash TEXT NOT NULL,
            signature TEXT NOT NULL,
            key_id TEXT NOT NULL REFERENCES audit_keys (id),
            signed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );

        CREATE TABLE audit_salts (
            question_id TEXT NOT NULL PRIMARY KEY,
            user_email TEXT,
            salt BLOB NOT NULL,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );
        """

    static let views = """
        CREATE VIEW audit_logs_summary AS
        SELECT date(created_at) AS date, user_id, request_type,
            count(*) AS total_requests, sum(tool_calls_count) AS total_tool_calls, avg(iterations) AS avg_iterations,
            avg(duration_ms) AS avg_duration_ms, sum(tokens_input) AS total_tokens_input,
            sum(tokens_output) AS total_tokens_output, sum(tokens_cached) AS total_tokens_cached,
            sum(cost_estimate) AS total_cost, count(*) FILTER (WHERE status = 'error') AS error_count,
            count(*) FILTER (WHERE status = 'success') AS success_count
        FROM audit_logs
        GROUP BY date(created_at), user_id, request_type;

        CREATE VIEW v_user_activity AS
        SELECT users.id, users.email, users.name, users.role, count(log.id) AS total_queries,
            count(log.id) FILTER (WHERE log.success) AS successful_queries,
            count(log.id) FILTER (WHERE NOT log.success) AS failed_queries,
            avg(log.duration_ms) AS avg_duration_ms, max(log.timestamp) AS last_activity
        FROM users LEFT JOIN audit_logs AS log ON log.user_id = users.id
        GROUP BY users.id;

        CREATE VIEW v_mcp_health AS
        SELECT server.id, server.name, server.url, server.is_enabled, server.is_healthy, server.last_health_check,
            server.consecutive_failures,
            (SELECT count(*) FROM mcp_tools WHERE mcp_server_id = server.id AND is_present) AS tool_count,
            coalesce(calls.total, 0) AS total_requests, coalesce(calls.succeeded, 0) AS successful_requests,
            coalesce(calls.total - calls.succeeded, 0) AS failed_requests,
            coalesce(round(calls.succeeded * 100.0 / calls.total, 2), 0) AS success_rate_pct
        FROM mcp_servers AS server LEFT JOIN (
            SELECT server, count(*) AS total, count(*) FILTER (WHERE status = 'succeeded') AS succeeded
            FROM tool_calls WHERE status <> 'denied' GROUP BY server
        ) AS calls ON calls.server = server.name;

        CREATE VIEW v_tool_usage AS
        SELECT calls.tool AS name, calls.server AS mcp_name, tool.category, calls.call_count, calls.success_count,
            calls.call_count - calls.success_count AS failure_count,
            round(calls.success_count * 100.0 / calls.call_count, 2) AS success_rate_pct,
            calls.avg_duration_ms, calls.last_called
        FROM (
            SELECT server, tool, count(*) AS call_count, count(*) FILTER (WHERE status = 'succeeded') AS success_count,
                CAST(round(avg(ms)) AS INTEGER) AS avg_duration_ms, max(created_at) AS last_called
            FROM tool_calls WHERE status <> 'denied' GROUP BY server, tool
        ) AS calls
        LEFT JOIN mcp_servers AS server ON server.name = calls.server
        LEFT JOIN mcp_tools AS tool ON tool.mcp_server_id = server.id AND tool.name = calls.tool
        ORDER BY calls.call_count DESC;
        """
}
