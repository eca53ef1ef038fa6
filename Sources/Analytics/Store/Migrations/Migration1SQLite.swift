/// Version 1 for SQLite 3.35 and later (RETURNING, generated columns, FTS5): the tables and columns of PostgreSQL, with
/// arrays and JSON as JSON text, times as ISO 8601 text in UTC, and no partitions.
enum Migration1SQLite {
    /// Scripts in the order in which they run; a later one may reference tables of an earlier one.
    static let parts = [
        people, questions, steps, processes, audit, auditIndexes, search, toolCalls, servers, administration, views,
    ]

    static let people = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            email TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            role TEXT NOT NULL DEFAULT 'read_only',
            slack_user_id TEXT,
            is_active INTEGER NOT NULL DEFAULT 1,
            is_super_admin INTEGER NOT NULL DEFAULT 0,
            password_hash TEXT,
            last_login TEXT,
            login_count INTEGER NOT NULL DEFAULT 0,
            preferences TEXT NOT NULL DEFAULT '{}',
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
            updated_by INTEGER REFERENCES users (id) ON DELETE SET NULL,

            slack_team_id TEXT NOT NULL DEFAULT '',
            UNIQUE (slack_team_id, slack_user_id)
        );
        CREATE INDEX users_role ON users (role);

        CREATE TABLE user_teams (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            team_name TEXT NOT NULL,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            UNIQUE (user_id, team_name)
        );

        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            session_id TEXT NOT NULL UNIQUE,
            context TEXT NOT NULL DEFAULT '{}',
            conversation_history TEXT NOT NULL DEFAULT '[]',
            is_active INTEGER NOT NULL DEFAULT 1,
            last_activity TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            expires_at TEXT NOT NULL
        );

        CREATE TABLE notifications (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
            type TEXT NOT NULL,
            title TEXT NOT NULL,
            message TEXT NOT NULL,
            severity TEXT NOT NULL DEFAULT 'info' CHECK (severity IN ('info', 'warning', 'error', 'critical')),
            channels TEXT NOT NULL DEFAULT '["slack"]',
            is_sent INTEGER NOT NULL DEFAULT 0,
            sent_at TEXT,
            is_read INTEGER NOT NULL DEFAULT 0,
            read_at TEXT,
            metadata TEXT NOT NULL DEFAULT '{}',
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );

        CREATE TABLE api_keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            key_hash TEXT NOT NULL UNIQUE,
            key_prefix TEXT NOT NULL,
            name TEXT NOT NULL,
            scopes TEXT NOT NULL DEFAULT '["read"]',
            is_active INTEGER NOT NULL DEFAULT 1,
            is_revoked INTEGER NOT NULL DEFAULT 0,
            revoked_at TEXT,
            revoked_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
            last_used TEXT,
            usage_count INTEGER NOT NULL DEFAULT 0,
            expires_at TEXT,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );
        """

    static let questions = """
        CREATE TABLE questions (
            id TEXT NOT NULL PRIMARY KEY,
            origin_key TEXT UNIQUE,
            team TEXT,
            door TEXT NOT NULL,
            channel TEXT,
            channel_name TEXT,
            is_direct INTEGER NOT NULL DEFAULT 0,
            thread_key TEXT NOT NULL,
            asker_email TEXT NOT NULL,
            asker_name TEXT NOT NULL,
            asker_role TEXT NOT NULL,
            asker_id TEXT,
            text TEXT NOT NULL,
            kind TEXT NOT NULL DEFAULT 'chat',
            state TEXT NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'working', 'waiting', 'answered',
                'refused', 'failed', 'cancelled', 'interrupted')),
            waiting_for TEXT CHECK (waiting_for IN ('approval', 'elicitation', 'turn')),
            owner TEXT,
            epoch INTEGER NOT NULL DEFAULT 0,
            lease_until TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            asked_at TEXT NOT NULL,
            received_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            deadline TEXT,
            finished_at TEXT,
            answer TEXT,
            warning TEXT,
            is_private INTEGER NOT NULL DEFAULT 0,
            error_code TEXT,
            error_id TEXT,
            origin TEXT NOT NULL DEFAULT '{}',
            retry_of TEXT
        );
        CREATE INDEX questions_open ON questions (thread_key, asked_at, id)
            WHERE state IN ('received', 'working', 'waiting');
        CREATE INDEX questions_thread ON questions (thread_key, asked_at DESC);
        CREATE INDEX questions_received ON questions (received_at);
        """

    // Raw model blocks are stored as received, because the signatures of thinking blocks require the same bytes.
    static let steps = """
        CREATE TABLE question_steps (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            question_id TEXT NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
            epoch INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('model_turn', 'tool_started', 'tool_result')),
            call_id TEXT,
            payload TEXT NOT NULL,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );
        CREATE INDEX question_steps_question ON question_steps (question_id, id);

        CREATE TABLE posts (
            question_id TEXT NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
            part INTEGER NOT NULL,
            key TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL DEFAULT 'answer',
            state TEXT NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'sent', 'unknown', 'failed')),
            channel TEXT,
            thread_ts TEXT,
            ts TEXT,
            body TEXT,
            epoch INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            sent_at TEXT,
            PRIMARY KEY (question_id, part)
        );
        CREATE INDEX posts_open ON posts (created_at) WHERE state IN ('planned', 'unknown');

        CREATE TABLE feedback (
            question_id TEXT NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
            voter TEXT NOT NULL,
            vote INTEGER NOT NULL CHECK (vote IN (-1, 1)),
            comment TEXT,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            PRIMARY KEY (question_id, voter)
        );

        CREATE TABLE approvals (
            id TEXT NOT NULL PRIMARY KEY,
            question_id TEXT NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
            step INTEGER,
            server TEXT NOT NULL,
            tool TEXT NOT NULL,
            definition_hash TEXT,
            arguments_hash TEXT NOT NULL,
            arguments TEXT,
            asker TEXT NOT NULL,
            rule TEXT NOT NULL,
            approvers TEXT NOT NULL DEFAULT '[]',
            granted_by TEXT NOT NULL DEFAULT '[]',
            quorum INTEGER NOT NULL DEFAULT 1,
            state TEXT NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'granted', 'denied', 'expired', 'withdrawn',
                'used')),
            epoch INTEGER NOT NULL DEFAULT 0,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            expires_at TEXT NOT NULL,
            decided_at TEXT,
            decided_by TEXT
        );
        CREATE INDEX approvals_open ON approvals (expires_at) WHERE state = 'asked';
        CREATE INDEX approvals_question ON approvals (question_id);
        """

    static let processes = """
        CREATE TABLE processes (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            host TEXT NOT NULL,
            pid INTEGER NOT NULL,
            version TEXT NOT NULL DEFAULT '',
            started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            heartbeat_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );
        CREATE INDEX processes_name ON processes (name);
        """

    static let audit = """
        CREATE TABLE audit_logs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
            timestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
            question TEXT,
            request_type TEXT NOT NULL DEFAULT 'chat',
            message TEXT,
            message_preview TEXT,
            iterations INTEGER DEFAULT 1,
            tool_calls_count INTEGER DEFAULT 0,
            tools_used TEXT,
            mcps_accessed TEXT,
            databases_accessed TEXT,
            tokens_input INTEGER,
            tokens_output INTEGER,
            tokens_cached INTEGER,
            cost_estimate NUMERIC GENERATED ALWAYS AS (round(cost_nano / 1000000000.0, 6)) STORED,
            mcp_target TEXT,
            tool_called TEXT,
            tool_params TEXT,
            success INTEGER NOT NULL,
            status TEXT NOT NULL DEFAULT 'success' CHECK (status IN ('success', 'error', 'warning')),
            warning TEXT,
            duration_ms INTEGER,
            result_summary TEXT,
            response_preview TEXT,
            error_message TEXT,
            error_id TEXT,
            slack_channel TEXT,
            slack_user_id TEXT,
            slack_message_ts TEXT,
            slack_thread_ts TEXT,
            llm_confidence REAL,
            llm_reasoning TEXT,
            llm_tokens_used INTEGER,
            ip_address TEXT,
            user_agent TEXT,
            was_blocked INTEGER NOT NULL DEFAULT 0,
            block_reason TEXT,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),

            user_email TEXT,
            user_name TEXT,
            user_role TEXT,
            question_id TEXT,
            retry_of TEXT,
            thread_key TEXT,
            model TEXT,
            tokens_cache_write INTEGER NOT NULL DEFAULT 0,
            cost_nano INTEGER NOT NULL DEFAULT 0,
            price_date TEXT,
            price_known INTEGER NOT NULL DEFAULT 1,
            error_code TEXT,
            chain_day TEXT,
            seq INTEGER,
            prev_hash TEXT,
            hash TEXT,
            hash_version INTEGER
        );
        """

    static let auditIndexes = """
        CREATE INDEX audit_logs_created_at ON audit_logs (created_at DESC);
        CREATE INDEX audit_logs_timestamp ON audit_logs (timestamp DESC);
        CREATE INDEX audit_logs_user ON audit_logs (user_id, created_at DESC);
        CREATE INDEX audit_logs_email ON audit_logs (user_email, created_at DESC);
        CREATE INDEX audit_logs_status ON audit_logs (status, created_at DESC);
        CREATE INDEX audit_logs_cost ON audit_logs (cost_estimate);
        CREATE INDEX audit_logs_question ON audit_logs (question_id);
        CREATE INDEX audit_logs_error ON audit_logs (error_id) WHERE error_id IS NOT NULL;
        CREATE INDEX audit_logs_chain ON audit_logs (chain_day, seq);
        """

    static let search = """
        CREATE VIRTUAL TABLE audit_logs_search USING fts5 (
            question, message, tool_called, result_summary, content = 'audit_logs', content_rowid = 'id'
        );
        CREATE TRIGGER audit_logs_search_insert AFTER INSERT ON audit_logs BEGIN
            INSERT INTO audit_logs_search (rowid, question, message, tool_called, result_summary)
            VALUES (new.id, new.question, new.message, new.tool_called, new.result_summary);
        END;
        CREATE TRIGGER audit_logs_search_delete AFTER DELETE ON audit_logs BEGIN
            INSERT INTO audit_logs_search (audit_logs_search, rowid, question, message, tool_called, result_summary)
            VALUES ('delete', old.id, old.question, old.message, old.tool_called, old.result_summary);
        END;
        CREATE TRIGGER audit_logs_search_update
        AFTER UPDATE OF question, message, tool_called, result_summary ON audit_logs BEGIN
            INSERT INTO audit_logs_search (audit_logs_search, rowid, question, message, tool_called, result_summary)
            VALUES ('delete', old.id, old.question, old.message, old.tool_called, old.result_summary);
            INSERT INTO audit_logs_search (rowid, question, message, tool_called, result_summary)
            VALUES (new.id, new.question, new.message, new.tool_called, new.result_summary);
        END;
        """

    static let toolCalls = """
        CREATE TABLE tool_calls (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            question_id TEXT NOT NULL,
            call_id TEXT NOT NULL,
            user_email TEXT,
            server TEXT NOT NULL,
            tool TEXT NOT NULL,
            arguments TEXT,
            status TEXT NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'denied', 'unknown')),
            ms INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            verdict TEXT NOT NULL,
            verdict_step INTEGER,
            verdict_rule TEXT,
            verdict_notes TEXT,
            approver TEXT,
            error TEXT,
            definition_hash TEXT,
            started_at TEXT,
            created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );
        CREATE INDEX tool_calls_question ON tool_calls (question_id);
        CREATE INDEX tool_calls_tool ON tool_calls (server, tool, created_at DESC);
        """
}
