/// Migrates a database's schema to this program's version.
enum Migrations {
    /// In ascending order of versions.
    static let all: [Migration] = [
        .firstSchema, .outbox, .rollups, .proof, .digests, .months, .jobLeases, .waits,
        .mostIterations, .stops,
    ]

    /// The version that this program needs.
    static var latest: Int { all.map(\.version).max() ?? 0 }

    /// Applies the missing migrations in one transaction and returns their versions. Processes that start at once are
    /// serialised; the second finds nothing to do. Throws ``StoreError`` `.corrupt` for a schema that is newer than
    /// this program, was made by another program, or has a version with other SQL than this program's.
    ///
    /// - Parameter last: later versions are not applied; for tests.
    static func run(on database: any SQLDatabase, through last: Int = latest) async throws -> [Int] {
        try await database.write { connection in
            try lock(connection)
            let current = try version(connection)
            guard current <= latest else { throw tooNew(current) }
            let missing = all.filter { $0.version > current && $0.version <= last }
            if current == 0 { try connection.script(schemaVersionTable(connection.dialect)) }
            if current > 0, !missing.isEmpty { try lockTables(connection) }
            for migration in missing {
                try migration.apply(connection)
                try SQLStatement.insert(
                    into: "schema_version",
                    [("version", .int(Int64(migration.version))), ("description", .text(migration.description))],
                    on: connection)
            }
            for migration in try withoutDigest(max(current, missing.last?.version ?? 0), connection) {
                try connection.execute(
                    "UPDATE schema_version SET digest = $1 WHERE version = $2 AND digest IS NULL",
                    [.text(migration.digest(connection.dialect)), .int(Int64(migration.version))])
            }
            return missing.map(\.version)
        }
    }

    /// The migrations whose version has no digest yet. Throws ``StoreError`` `.corrupt` for a version with another
    /// digest. The column exists since version 3, so earlier versions get theirs after it.
    private static func withoutDigest(_ version: Int, _ connection: any SQLConnection) throws -> [Migration] {
        guard version >= Migration.rollups.version else { return [] }
        let rows = try connection.query("SELECT version, digest FROM schema_version", [])
        let digests = Dictionary(
            rows.compactMap { row in row.int("version").map { ($0, row.text("digest")) } },
            uniquingKeysWith: { first, _ in first })
        return try all.filter { migration in
            guard let stored = digests[Int64(migration.version)] else { return false }
            guard let digest = stored else { return true }
            guard digest == migration.digest(connection.dialect) else { throw changed(migration) }
            return false
        }
    }

    /// The schema's version; 0 if there is none. Throws ``StoreError`` `.corrupt` if another program made the schema.
    static func version(_ connection: any SQLConnection) throws -> Int {
        guard try exists("schema_version", connection) else {
            guard try !exists("audit_logs", connection) else { throw foreignSchema }
            return 0
        }
        // The original system also has a table `schema_version` with a version 1, but no table `questions`.
        guard try exists("questions", connection) else { throw foreignSchema }
        let rows = try connection.query("SELECT max(version) AS version FROM schema_version", [])
        return Int(rows.first?.int("version") ?? 0)
    }

    /// Throws ``StoreError`` `.corrupt` unless the version is ``latest`` and each version had this program's SQL.
    static func check(_ connection: any SQLConnection) throws {
        let version = try version(connection)
        guard version <= latest else { throw tooNew(version) }
        guard version == latest else {
            throw StoreError(
                .corrupt,
                "the store's schema is version \(version) and this program needs \(latest): run `omni init-db`")
        }
        _ = try withoutDigest(version, connection)
    }

    private static func tooNew(_ version: Int) -> StoreError {
        StoreError(
            .corrupt,
            "the store's schema is version \(version) and this program knows versions up to \(latest): "
                + "run a newer omni on it, or give this one a database of its own")
    }

    private static func changed(_ migration: Migration) -> StoreError {
        StoreError(
            .corrupt,
            "version \(migration.version) of the store's schema (\(migration.description)) was made by other SQL than "
                + "this program's: run the omni that made it, or give this one a database of its own")
    }

    private static var foreignSchema: StoreError {
        StoreError(
            .corrupt,
            "the database holds tables of another program (the original OMNI2 has the same names): "
                + "give Omni an empty database in DATABASE_URL")
    }

    private static func lock(_ connection: any SQLConnection) throws {
        // SQLite serialises write transactions by itself. The number is `omni` in ASCII.
        guard connection.dialect == .postgres else { return }
        _ = try connection.query("SELECT pg_advisory_xact_lock(1869442665)", [])
    }

    /// Locks the tables that migrations change, before any work and in the order in which steps and the end of a
    /// question are written to them: a migration that asked for one of them after minutes would deadlock with processes that answer
    /// questions meanwhile, and begin anew.
    private static func lockTables(_ connection: any SQLConnection) throws {
        guard connection.dialect == .postgres else { return }
        for table in ["question_steps", "questions", "audit_logs", "tool_calls"] {
            try connection.execute("LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE", [])
        }
    }

    private static func exists(_ table: String, _ connection: any SQLConnection) throws -> Bool {
        let sql =
            switch connection.dialect {
            case .postgres: "SELECT 1 AS found WHERE to_regclass($1::text) IS NOT NULL"
            case .sqlite: "SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = $1"
            }
        return try !connection.query(sql, [.text(table)]).isEmpty
    }

    private static func schemaVersionTable(_ dialect: SQLDialect) -> String {
        switch dialect {
        case .postgres:
            """
            CREATE TABLE schema_version (
                version integer PRIMARY KEY,
                description text,
                applied_at timestamptz NOT NULL DEFAULT now()
            );
            """
        case .sqlite:
            """
            CREATE TABLE schema_version (
                version INTEGER PRIMARY KEY,
                description TEXT,
                applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            );
            """
        }
    }
}
