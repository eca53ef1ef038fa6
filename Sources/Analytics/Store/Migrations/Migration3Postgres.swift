/// Version 3 for PostgreSQL. The primary keys serve reports of one dimension over consecutive days. No other index, and
/// free space in the pages, so that an update of a row stays in its page (PostgreSQL's manual, 73.7, heap-only tuples).
enum Migration3Postgres {
    static let parts = [rollups, others]

    static let rollups = """
        CREATE TABLE usage_rollups (
            day text NOT NULL,
            dimension text NOT NULL,
            name text NOT NULL,
            detail text NOT NULL DEFAULT '',
            slot integer NOT NULL,
            questions bigint NOT NULL,
            errors bigint NOT NULL,
            warnings bigint NOT NULL,
            blocked bigint NOT NULL,
            calls bigint NOT NULL,
            failed_calls bigint NOT NULL,
            denied_calls bigint NOT NULL,
            iterations bigint NOT NULL,
            tokens_input bigint NOT NULL,
            tokens_output bigint NOT NULL,
            tokens_cached bigint NOT NULL,
            tokens_cache_write bigint NOT NULL,
            cost_nano bigint NOT NULL,
            unpriced bigint NOT NULL,
            ms bigint NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (dimension, day, name, detail, slot)
        ) WITH (fillfactor = 70);
        CREATE TABLE latency_rollups (
            day text NOT NULL,
            dimension text NOT NULL,
            name text NOT NULL,
            detail text NOT NULL DEFAULT '',
            slot integer NOT NULL,
            bucket integer NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (dimension, day, name, detail, bucket, slot)
        ) WITH (fillfactor = 70);
        CREATE TABLE error_rollups (
            day text NOT NULL,
            dimension text NOT NULL,
            name text NOT NULL,
            detail text NOT NULL DEFAULT '',
            message text NOT NULL,
            slot integer NOT NULL,
            count bigint NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (dimension, day, name, detail, message, slot)
        ) WITH (fillfactor = 70);
        CREATE TABLE rollup_state (
            id integer PRIMARY KEY CHECK (id = 1),
            time_zone text NOT NULL,
            rebuilding_until timestamptz
        );
        """

    static let others = """
        CREATE TABLE audit_reprice (
            audit_id bigint PRIMARY KEY,
            old_nano bigint NOT NULL,
            new_nano bigint NOT NULL,
            price_date text,
            at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX audit_logs_duration ON audit_logs (duration_ms DESC);
        CREATE INDEX audit_logs_iterations ON audit_logs (iterations DESC);
        ALTER TABLE schema_version ADD COLUMN digest text;
        """
}
