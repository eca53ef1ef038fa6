/// Version 1 for PostgreSQL 13 and later. Text columns have no length limit, where the original has `varchar(n)`: a
/// long channel name must not make a question fail.
enum Migration1Postgres {
    /// Scripts in the order in which they run; a later one may reference tables of an earlier one.
    static let parts = [
        people, questions, steps, processes, audit, auditIndexes, search, toolCalls, servers, administration, views,
    ]

    static let people = """
        CREATE TABLE users (
            id bigserial PRIMARY KEY,
            email text NOT NULL UNIQUE,
            name text NOT NULL,
            role text NOT NULL DEFAULT 'read_only',
            slack_user_id text,
            is_active boolean NOT NULL DEFAULT true,
            is_super_admin boolean NOT NULL DEFAULT false,
            password_hash text,
            last_login timestamptz,
            login_count integer NOT NULL DEFAULT 0,
            preferences jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            created_by bigint REFERENCES users (id) ON DELETE SET NULL,
            updated_by bigint REFERENCES users (id) ON DELETE SET NULL,

            slack_team_id text NOT NULL DEFAULT '',
            UNIQUE (slack_team_id, slack_user_id)
        );
        CREATE INDEX users_role ON users (role);

        CREATE TABLE user_teams (
            id bigserial PRIMARY KEY,
            user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            team_name text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (user_id, team_name)
        );

        CREATE TABLE sessions (
            id bigserial PRIMARY KEY,
            user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            session_id text NOT NULL UNIQUE,
            context jsonb NOT NULL DEFAULT '{}',
            conversation_history jsonb NOT NULL DEFAULT '[]',
            is_active boolean NOT NULL DEFAULT true,
            last_activity timestamptz NOT NULL DEFAULT now(),
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL
        );

        CREATE TABLE notifications (
            id bigserial PRIMARY KEY,
            user_id bigint REFERENCES users (id) ON DELETE CASCADE,
            type text NOT NULL,
            title text NOT NULL,
            message text NOT NULL,
            severity text NOT NULL DEFAULT 'info' CHECK (severity IN ('info', 'warning', 'error', 'critical')),
            channels text[] NOT NULL DEFAULT '{slack}',
            is_sent boolean NOT NULL DEFAULT false,
            sent_at timestamptz,
            is_read boolean NOT NULL DEFAULT false,
            read_at timestamptz,
            metadata jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now()
        );

        CREATE TABLE api_keys (
            id bigserial PRIMARY KEY,
            user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            key_hash text NOT NULL UNIQUE,
            key_prefix text NOT NULL,
            name text NOT NULL,
            scopes text[] NOT NULL DEFAULT '{read}',
            is_active boolean NOT NULL DEFAULT true,
            is_revoked boolean NOT NULL DEFAULT false,
            revoked_at timestamptz,
            revoked_by bigint REFERENCES users (id) ON DELETE SET NULL,
            last_used timestamptz,
            usage_count bigint NOT NULL DEFAULT 0,
            expires_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        """

    // `asked_at` and `id` order the questions of a thread; the partial index contains the unfinished ones only.
    static let questions = """
        CREATE TABLE questions (
            id text PRIMARY KEY,
            origin_key text UNIQUE,
            team text,
            door text NOT NULL,
            channel text,
            channel_name text,
            is_direct boolean NOT NULL DEFAULT false,
            thread_key text NOT NULL,
            asker_email text NOT NULL,
            asker_name text NOT NULL,
            asker_role text NOT NULL,
            asker_id text,
            text text NOT NULL,
            kind text NOT NULL DEFAULT 'chat',
            state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'working', 'waiting', 'answered',
                'refused', 'failed', 'cancelled', 'interrupted')),
            waiting_for text CHECK (waiting_for IN ('approval', 'elicitation', 'turn')),
            owner text,
            epoch bigint NOT NULL DEFAULT 0,
            lease_until timestamptz,
            attempts integer NOT NULL DEFAULT 0,
            asked_at timestamptz NOT NULL,
            received_at timestamptz NOT NULL DEFAULT now(),
            deadline timestamptz,
            finished_at timestamptz,
            answer text,
            warning text,
            is_private boolean NOT NULL DEFAULT false,
            error_code text,
            error_id text,
            origin jsonb NOT NULL DEFAULT '{}',
            retry_of text
        );
        CREATE INDEX questions_open ON questions (thread_key, asked_at, id)
            WHERE state IN ('received', 'working', 'waiting');
        CREATE INDEX questions_thread ON questions (thread_key, asked_at DESC);
        CREATE INDEX questions_received ON questions (received_at);
        """

    // Raw model blocks are text, not jsonb, because the signatures of thinking blocks require the same bytes.
    static let steps = """
        CREATE TABLE question_steps (
            id bigserial PRIMARY KEY,
            question_id text NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
            epoch bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('model_turn', 'tool_started', 'tool_result')),
            call_id text,
            payload text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX question_steps_question ON question_steps (question_id, id);

        CREATE TABLE posts (
            question_id text NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
            part integer NOT NULL,
            key text NOT NULL UNIQUE,
            kind text NOT NULL DEFAULT 'answer',
            state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'sent', 'unknown', 'failed')),
            channel text,
            thread_ts text,
            ts text,
            body jsonb,
            epoch bigint NOT NULL DEFAULT 0,
            attempts integer NOT NULL DEFAULT 0,
            error text,
            created_at timestamptz NOT NULL DEFAULT now(),
            sent_at timestamptz,
            PRIMARY KEY (question_id, part)
        );
        CREATE INDEX posts_open ON posts (created_at) WHERE state IN ('planned', 'unknown');

        CREATE TABLE feedback (
            question_id text NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
            voter text NOT NULL,
            vote integer NOT NULL CHECK (vote IN (-1, 1)),
            comment text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (question_id, voter)
        );

        CREATE TABLE approvals (
            id text PRIMARY KEY,
            question_id text NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
            step bigint,
            server text NOT NULL,
            tool text NOT NULL,
            definition_hash text,
            arguments_hash text NOT NULL,
            arguments jsonb,
            asker text NOT NULL,
            rule text NOT NULL,
            approvers text[] NOT NULL DEFAULT '{}',
            granted_by text[] NOT NULL DEFAULT '{}',
            quorum integer NOT NULL DEFAULT 1,
            state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'granted', 'denied', 'expired', 'withdrawn',
                'used')),
            epoch bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            decided_at timestamptz,
            decided_by text
        );
        CREATE INDEX approvals_open ON approvals (expires_at) WHERE state = 'asked';
        CREATE INDEX approvals_question ON approvals (question_id);
        """

    static let processes = """
        CREATE TABLE processes (
            id text PRIMARY KEY,
            name text NOT NULL,
            host text NOT NULL,
            pid integer NOT NULL,
            version text NOT NULL DEFAULT '',
            started_at timestamptz NOT NULL DEFAULT now(),
            heartbeat_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX processes_name ON processes (name);
        """

    // No foreign key references audit_logs or tool_calls, so that partitions can be detached and dropped.
    static let audit = """
        CREATE TABLE audit_logs (
            id bigserial NOT NULL,
            user_id bigint REFERENCES users (id) ON DELETE SET NULL,
            timestamp timestamptz NOT NULL DEFAULT now(),
            question text,
            request_type text NOT NULL DEFAULT 'chat',
            message text,
            message_preview text,
            iterations integer DEFAULT 1,
            tool_calls_count integer DEFAULT 0,
            tools_used text[],
            mcps_accessed text[],
            databases_accessed text[],
            tokens_input bigint,
            tokens_output bigint,
            tokens_cached bigint,
            cost_estimate numeric(10, 6) GENERATED ALWAYS AS (least(cost_nano / 1000000000.0, 9999)) STORED,
            mcp_target text,
            tool_called text,
            tool_params jsonb,
            success boolean NOT NULL,
            status text NOT NULL DEFAULT 'success' CHECK (status IN ('success', 'error', 'warning')),
            warning text,
            duration_ms bigint,
            result_summary text,
            response_preview text,
            error_message text,
            error_id text,
            slack_channel text,
            slack_user_id text,
            slack_message_ts text,
            slack_thread_ts text,
            llm_confidence numeric(3, 2),
            llm_reasoning text,
            llm_tokens_used integer,
            ip_address inet,
            user_agent text,
            was_blocked boolean NOT NULL DEFAULT false,
            block_reason text,
            created_at timestamptz NOT NULL DEFAULT now(),
            search_vector tsvector,

            user_email text,
            user_name text,
            user_role text,
            question_id text,
            retry_of text,
            thread_key text,
            model text,
            tokens_cache_write bigint NOT NULL DEFAULT 0,
            cost_nano bigint NOT NULL DEFAULT 0,
            price_date text,
            price_known boolean NOT NULL DEFAULT true,
            error_code text,
            chain_day text,
            seq bigint,
            prev_hash text,
            hash text,
            hash_version integer,
            PRIMARY KEY (id, created_at)
        ) PARTITION BY RANGE (created_at);
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
        CREATE INDEX audit_logs_mcps ON audit_logs USING gin (mcps_accessed);
        CREATE INDEX audit_logs_tools ON audit_logs USING gin (tools_used);
        CREATE INDEX audit_logs_search ON audit_logs USING gin (search_vector);
        """

    // A tsvector is limited to 1 MB (PostgreSQL's manual, 12.11), and a long question must not make the row fail: four
    // texts of 50,000 characters of at most four bytes are less.
    static let search = """
        CREATE FUNCTION audit_logs_search() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            NEW.search_vector := to_tsvector('english', concat_ws(' ', left(NEW.question, 50000),
                left(NEW.message, 50000), left(NEW.tool_called, 50000), left(NEW.result_summary, 50000)));
            RETURN NEW;
        END
        $body$;
        CREATE TRIGGER audit_logs_search BEFORE INSERT OR UPDATE OF question, message, tool_called, result_summary
            ON audit_logs FOR EACH ROW EXECUTE FUNCTION audit_logs_search();
        """

    static let toolCalls = """
        CREATE TABLE tool_calls (
            id bigserial NOT NULL,
            question_id text NOT NULL,
            call_id text NOT NULL,
            user_email text,
            server text NOT NULL,
            tool text NOT NULL,
            arguments jsonb,
            status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'denied', 'unknown')),
            ms bigint NOT NULL DEFAULT 0,
            bytes bigint NOT NULL DEFAULT 0,
            verdict text NOT NULL,
            verdict_step integer,
            verdict_rule text,
            verdict_notes text[],
            approver text,
            error text,
            definition_hash text,
            started_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (id, created_at)
        ) PARTITION BY RANGE (created_at);
        CREATE INDEX tool_calls_question ON tool_calls (question_id);
        CREATE INDEX tool_calls_tool ON tool_calls (server, tool, created_at DESC);
        """
}
