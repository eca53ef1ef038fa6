/// The schema of the operations database. Times are seconds since 1970.
enum Schema {
    static let sql = """
        CREATE TABLE services (
            name TEXT PRIMARY KEY, team TEXT NOT NULL, tier INTEGER NOT NULL, language TEXT NOT NULL,
            purpose TEXT NOT NULL, started_at INTEGER NOT NULL) STRICT;
        CREATE TABLE service_calls (
            caller TEXT NOT NULL REFERENCES services, callee TEXT NOT NULL REFERENCES services,
            PRIMARY KEY (caller, callee)) STRICT, WITHOUT ROWID;
        CREATE TABLE hosts (
            name TEXT PRIMARY KEY, service TEXT NOT NULL REFERENCES services, region TEXT NOT NULL,
            cpu_percent REAL NOT NULL, memory_percent REAL NOT NULL, disk_percent REAL NOT NULL) STRICT;
        CREATE TABLE on_call (
            team TEXT NOT NULL, person TEXT NOT NULL, email TEXT NOT NULL, starts_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL) STRICT;
        CREATE TABLE deploys (
            id INTEGER PRIMARY KEY, service TEXT NOT NULL REFERENCES services, version TEXT NOT NULL,
            previous TEXT NOT NULL, author TEXT NOT NULL, deployed_at INTEGER NOT NULL, seconds INTEGER NOT NULL,
            status TEXT NOT NULL, change TEXT NOT NULL) STRICT;
        CREATE TABLE metrics (
            service TEXT NOT NULL REFERENCES services, at INTEGER NOT NULL, requests INTEGER NOT NULL,
            errors INTEGER NOT NULL, p50_ms REAL NOT NULL, p95_ms REAL NOT NULL,
            PRIMARY KEY (service, at)) STRICT, WITHOUT ROWID;
        CREATE TABLE incidents (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, severity TEXT NOT NULL, status TEXT NOT NULL,
            service TEXT NOT NULL REFERENCES services, opened_at INTEGER NOT NULL, resolved_at INTEGER,
            commander TEXT NOT NULL, summary TEXT NOT NULL) STRICT;
        CREATE TABLE incident_updates (
            incident TEXT NOT NULL REFERENCES incidents, at INTEGER NOT NULL, author TEXT NOT NULL,
            text TEXT NOT NULL) STRICT;
        CREATE TABLE logs (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, service TEXT NOT NULL REFERENCES services,
            level TEXT NOT NULL, message TEXT NOT NULL, trace TEXT NOT NULL) STRICT;
        CREATE INDEX logs_at ON logs (at);
        CREATE TABLE databases (
            name TEXT PRIMARY KEY, engine TEXT NOT NULL, max_connections INTEGER NOT NULL,
            cache_hit_percent REAL NOT NULL, replica_lag_seconds REAL NOT NULL) STRICT;
        CREATE TABLE tables (
            name TEXT PRIMARY KEY, database TEXT NOT NULL REFERENCES databases, rows INTEGER NOT NULL,
            bytes INTEGER NOT NULL, dead_rows INTEGER NOT NULL, vacuumed_at INTEGER NOT NULL) STRICT;
        CREATE TABLE indexes (
            name TEXT PRIMARY KEY, table_name TEXT NOT NULL REFERENCES tables, columns TEXT NOT NULL,
            is_unique INTEGER NOT NULL, bytes INTEGER NOT NULL, scans_day INTEGER NOT NULL, scans_hour INTEGER NOT NULL,
            used_at INTEGER NOT NULL) STRICT;
        CREATE TABLE queries (
            id TEXT PRIMARY KEY, database TEXT NOT NULL REFERENCES databases, service TEXT NOT NULL REFERENCES services,
            sql TEXT NOT NULL, table_name TEXT NOT NULL REFERENCES tables, index_name TEXT, plan TEXT NOT NULL,
            calls INTEGER NOT NULL, mean_ms REAL NOT NULL, max_ms REAL NOT NULL, yesterday_ms REAL NOT NULL,
            rows_read INTEGER NOT NULL) STRICT;
        CREATE TABLE slow_runs (
            at INTEGER NOT NULL, query TEXT NOT NULL REFERENCES queries, ms REAL NOT NULL, rows_read INTEGER NOT NULL,
            host TEXT NOT NULL) STRICT;
        CREATE TABLE sessions (
            pid INTEGER PRIMARY KEY, database TEXT NOT NULL REFERENCES databases,
            service TEXT NOT NULL REFERENCES services, user TEXT NOT NULL, state TEXT NOT NULL, sql TEXT NOT NULL,
            state_since INTEGER NOT NULL, blocked_by INTEGER, lock TEXT) STRICT;
        """
}
