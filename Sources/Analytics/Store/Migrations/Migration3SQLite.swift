/// Version 3 for SQLite, with the tables and columns of PostgreSQL.
enum Migration3SQLite {
    static let parts = [rollups, others]

    static let rollups = """
        CREATE TABLE usage_rollups (
            day TEXT NOT NULL,
            dimension TEXT NOT NULL,
            name TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '',
            slot INTEGER NOT NULL,
            questions INTEGER NOT NULL,
            errors INTEGER NOT NULL,
            warnings INTEGER NOT NULL,
            blocked INTEGER NOT NULL,
            calls INTEGER NOT NULL,
            failed_calls INTEGER NOT NULL,
            denied_calls INTEGER NOT NULL,
            iterations INTEGER NOT NULL,
            tokens_input INTEGER NOT NULL,
            tokens_output INTEGER NOT NULL,
            tokens_cached INTEGER NOT NULL,
            tokens_cache_write INTEGER NOT NULL,
            cost_nano INTEGER NOT NULL,
            unpriced INTEGER NOT NULL,
            ms INTEGER NOT NULL,
            last_at TEXT NOT NULL,
            PRIMARY KEY (dimension, day, name, detail, slot)
        ) WITHOUT ROWID;
        CREATE TABLE latency_rollups (
            day TEXT NOT NULL,
            dimension TEXT NOT NULL,
            name TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '',
            slot INTEGER NOT NULL,
            bucket INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (dimension, day, name, detail, bucket, slot)
        ) WITHOUT ROWID;
        CREATE TABLE error_rollups (
            day TEXT NOT NULL,
            dimension TEXT NOT NULL,
            name TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '',
            message TEXT NOT NULL,
            slot INTEGER NOT NULL,
            count INTEGER NOT NULL,
            last_at TEXT NOT NULL,
            PRIMARY KEY (dimension, day, name, detail, message, slot)
        ) WITHOUT ROWID;
        CREATE TABLE rollup_state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            time_zone TEXT NOT NULL,
            rebuilding_until TEXT
        );
        """

    static let others = """
        CREATE TABLE audit_reprice (
            audit_id INTEGER PRIMARY KEY,
            old_nano INTEGER NOT NULL,
            new_nano INTEGER NOT NULL,
            price_date TEXT,
            at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        );
        CREATE INDEX audit_logs_duration ON audit_logs (duration_ms DESC);
        CREATE INDEX audit_logs_iterations ON audit_logs (iterations DESC);
        ALTER TABLE schema_version ADD COLUMN digest TEXT;
        """
}
