/// One numbered change of the schema. Its number never changes and its SQL never changes once released.
struct Migration: Sendable {
    let version: Int
    let description: String
    let apply: @Sendable (any SQLConnection) throws -> Void
}

/// Brings a database's schema to this program's version.
enum Migrations {
    static let all: [Migration] = [.firstSchema, .outbox]

    /// The version this program needs.
    static var latest: Int { all.map(\.version).max() ?? 0 }

    /// Applies what is missing in one transaction and gives the versions it applied. Two processes that start at once
    /// take turns; the second finds nothing to do. Throws ``StoreError`` `.corrupt` for a schema that is newer than
    /// this program or that another program made.
    static func run(on database: any SQLDatabase) async throws -> [Int] {
        try await database.write { connection in
            try lock(connection)
            let current = try version(connection)
            guard current <= latest else { throw tooNew(current) }
            let missing = all.filter { $0.version > current }
            if current == 0 { try connection.script(schemaVersionTable(connection.dialect)) }
            for migration in missing {
                try migration.apply(connection)
                try SQLStatement.insert(
                    into: "schema_version",
                    [("version", .int(Int64(migration.version))), ("description", .text(migration.description))],
                    on: connection)
            }
            return missing.map(\.version)
        }
    }

    /// The schema's version: 0 when there is none. Throws ``StoreError`` `.corrupt` when another program made it.
    static func version(_ connection: any SQLConnection) throws -> Int {
        guard try exists("schema_version", connection) else {
            guard try !exists("audit_logs", connection) else { throw foreignSchema }
            return 0
        }
        // The original system has a table of that name with a version 1 of its own, but no durable questions.
        guard try exists("questions", connection) else { throw foreignSchema }
        let rows = try connection.query("SELECT max(version) AS version FROM schema_version", [])
        return Int(rows.first?.int("version") ?? 0)
    }

    /// Throws unless the schema is the one that this program needs.
    static func check(_ version: Int) throws {
        guard version <= latest else { throw tooNew(version) }
        guard version == latest else {
            throw StoreError(
                .corrupt,
                "the record's schema is version \(version) and this program needs \(latest): run `omni init-db`")
        }
    }

    private static func tooNew(_ version: Int) -> StoreError {
        StoreError(
            .corrupt,
            "the record's schema is version \(version) and this program knows versions up to \(latest): "
                + "run a newer omni on it, or give this one a database of its own")
    }

    private static var foreignSchema: StoreError {
        StoreError(
            .corrupt,
            "the database holds tables of another program (the original OMNI2 has the same names): "
                + "give Omni an empty database in DATABASE_URL")
    }

    private static func lock(_ connection: any SQLConnection) throws {
        // SQLite's write transactions take turns by themselves. The number is `omni` in ASCII.
        guard connection.dialect == .postgres else { return }
        _ = try connection.query("SELECT pg_advisory_xact_lock(1869442665)", [])
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
