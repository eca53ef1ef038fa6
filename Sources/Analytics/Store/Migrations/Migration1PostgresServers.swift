extension Migration1Postgres {
    static let servers = """
        CREATE TABLE mcp_servers (
            id bigserial PRIMARY KEY,
            name text NOT NULL UNIQUE,
            url text NOT NULL DEFAULT '',
            is_enabled boolean NOT NULL DEFAULT true,
            is_healthy boolean DEFAULT true,
            last_health_check timestamptz,
            last_seen timestamptz,
            consecutive_failures integer NOT NULL DEFAULT 0,
            version text,
            capabilities jsonb,
            total_requests bigint NOT NULL DEFAULT 0,
            successful_requests bigint NOT NULL DEFAULT 0,
            failed_requests bigint NOT NULL DEFAULT 0,
            avg_response_time_ms bigint,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),

            display_name text NOT NULL DEFAULT '',
            state text NOT NULL DEFAULT 'starting',
            problem text
        );

        CREATE TABLE mcp_tools (
            id bigserial PRIMARY KEY,
            mcp_server_id bigint NOT NULL REFERENCES mcp_servers (id) ON DELETE CASCADE,
            name text NOT NULL,
            description text,
            input_schema jsonb,
            category text,
            tags text[],
            is_dangerous boolean NOT NULL DEFAULT false,
            requires_admin boolean NOT NULL DEFAULT false,
            call_count bigint NOT NULL DEFAULT 0,
            success_count bigint NOT NULL DEFAULT 0,
            failure_count bigint NOT NULL DEFAULT 0,
            avg_duration_ms bigint,
            discovered_at timestamptz NOT NULL DEFAULT now(),
            last_called timestamptz,

            annotations jsonb,
            definition_hash text,
            accepted_hash text,
            is_present boolean NOT NULL DEFAULT true,
            UNIQUE (mcp_server_id, name)
        );
        """

    static let administration = """
        CREATE TABLE budgets (
            id bigserial PRIMARY KEY,
            scope text NOT NULL CHECK (scope IN ('user', 'role', 'channel', 'all')),
            name text NOT NULL DEFAULT '',
            per text NOT NULL CHECK (per IN ('question', 'day', 'month')),
            period text NOT NULL,
            spent_nano bigint NOT NULL DEFAULT 0,
            reserved_nano bigint NOT NULL DEFAULT 0,
            spent_tokens bigint NOT NULL DEFAULT 0,
            reserved_tokens bigint NOT NULL DEFAULT 0,
            updated_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (scope, name, per, period)
        );

        CREATE TABLE admin_events (
            id bigserial PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            actor text NOT NULL,
            action text NOT NULL,
            subject text,
            detail jsonb NOT NULL DEFAULT '{}'
        );
        CREATE INDEX admin_events_at ON admin_events (at DESC);

        CREATE TABLE audit_keys (
            id text PRIMARY KEY,
            algorithm text NOT NULL,
            public_key text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            retired_at timestamptz
        );

        CREATE TABLE audit_heads (
            chain_day text PRIMARY KEY,
            seq bigint NOT NULL,
            hash text NOT NULL,
            signature text NOT NULL,
            key_id text NOT NULL REFERENCES audit_keys (id),
            signed_at timestamptz NOT NULL DEFAULT now()
        );

        CREATE TABLE audit_salts (
            question_id text PRIMARY KEY,
            user_email text,
            salt bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        """

    // The columns of the original's views. The original's views read counters that it never increments; these count
    // calls.
    static let views = """
        CREATE VIEW audit_logs_summary AS
        SELECT date_trunc('day', created_at) AS date, user_id, request_type,
            count(*) AS total_requests, sum(tool_calls_count) AS total_tool_calls, avg(iterations) AS avg_iterations,
            avg(duration_ms) AS avg_duration_ms, sum(tokens_input) AS total_tokens_input,
            sum(tokens_output) AS total_tokens_output, sum(tokens_cached) AS total_tokens_cached,
            sum(cost_estimate) AS total_cost, count(*) FILTER (WHERE status = 'error') AS error_count,
            count(*) FILTER (WHERE status = 'success') AS success_count
        FROM audit_logs
        GROUP BY date_trunc('day', created_at), user_id, request_type;

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
            coalesce(round(calls.succeeded::numeric / calls.total * 100, 2), 0) AS success_rate_pct
        FROM mcp_servers AS server LEFT JOIN (
            SELECT server, count(*) AS total, count(*) FILTER (WHERE status = 'succeeded') AS succeeded
            FROM tool_calls WHERE status <> 'denied' GROUP BY server
        ) AS calls ON calls.server = server.name;

        CREATE VIEW v_tool_usage AS
        SELECT calls.tool AS name, calls.server AS mcp_name, tool.category, calls.call_count, calls.success_count,
            calls.call_count - calls.success_count AS failure_count,
            round(calls.success_count::numeric / calls.call_count * 100, 2) AS success_rate_pct,
            calls.avg_duration_ms, calls.last_called
        FROM (
            SELECT server, tool, count(*) AS call_count, count(*) FILTER (WHERE status = 'succeeded') AS success_count,
                round(avg(ms))::bigint AS avg_duration_ms, max(created_at) AS last_called
            FROM tool_calls WHERE status <> 'denied' GROUP BY server, tool
        ) AS calls
        LEFT JOIN mcp_servers AS server ON server.name = calls.server
        LEFT JOIN mcp_tools AS tool ON tool.mcp_server_id = server.id AND tool.name = calls.tool
        ORDER BY calls.call_count DESC;
        """
}
