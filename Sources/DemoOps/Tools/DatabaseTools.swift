import Bridge
import GRDB

/// Tools about databases: health, sizes, indexes.
enum DatabaseTools {
    static let all = [health, sizes, indexes]

    static let health = DemoTool(
        "get_database_health", "Health of the databases",
        """
        Tells how healthy the databases are: connections against their limit, cache hits, replica lag, size, blocked \
        sessions and slow runs, with a list of what needs attention. Use it for "how is the database?" before going into \
        queries or sessions. Covers both databases unless one is named.
        """, [.database]
    ) { context in
        let table = try context.table(
            [
                ResultColumn("database", "Database"), ResultColumn("engine", "Engine"),
                ResultColumn("sessions", "Sessions"),
                ResultColumn("max_connections", "Limit"), ResultColumn("cache_hit_percent", "Cache hits", .percent),
                ResultColumn("replica_lag_seconds", "Replica lag (s)"), ResultColumn("bytes", "Size", .bytes),
                ResultColumn("blocked", "Blocked"), ResultColumn("slow_runs", "Slow runs, 1 h"),
            ],
            """
            SELECT d.name AS database, engine, max_connections, cache_hit_percent, replica_lag_seconds,
                (SELECT count(*) FROM sessions s WHERE s.database = d.name) AS sessions,
                (SELECT count(*) FROM sessions s WHERE s.database = d.name AND s.blocked_by IS NOT NULL) AS blocked,
                (SELECT sum(bytes) FROM tables t WHERE t.database = d.name) AS bytes,
                (SELECT count(*) FROM slow_runs r JOIN queries q ON q.id = r.query
                 WHERE q.database = d.name AND r.at >= :now - 3600 AND r.ms >= 500) AS slow_runs
            FROM databases d WHERE :database IS NULL OR d.name = :database ORDER BY d.name
            """, ["now": context.now, "database": try context.database()])
        let warnings = try warnings(context, database: context.text("database"))
        let verdict =
            warnings.isEmpty
            ? "Healthy: nothing needs attention."
            : "Needs attention:\n\n" + warnings.map { "- \($0)" }.joined(separator: "\n")
        var answer = table.answer("Health of the databases:", empty: "There is no database.", narrow: "")
        answer.text += "\n\n\(verdict)"
        answer.data["status"] = warnings.isEmpty ? "healthy" : "degraded"
        answer.data["warnings"] = .array(warnings.map { .string($0) })
        return answer
    }

    private static func warnings(_ context: ToolContext, database: String?) throws -> [String] {
        let values: [String: (any DatabaseValueConvertible)?] = ["database": database]
        var warnings: [String] = []
        let slower = try Row.fetchAll(
            context.db,
            sql: """
                SELECT id, mean_ms, yesterday_ms FROM queries
                WHERE mean_ms > 10 * yesterday_ms AND mean_ms > 100 AND (:database IS NULL OR database = :database)
                ORDER BY calls * mean_ms DESC
                """, arguments: StatementArguments(values))
        for row in slower {
            let (id, mean, before): (String, Double, Double) = (row["id"], row["mean_ms"], row["yesterday_ms"])
            warnings.append(
                "Query \(id) takes \(ValueFormat.milliseconds(mean)) on average; yesterday \(ValueFormat.milliseconds(before)) "
                    + "(explain_query).")
        }
        let blocked = try context.row(
            """
            SELECT count(*) AS blocked, blocked_by FROM sessions
            WHERE blocked_by IS NOT NULL AND (:database IS NULL OR database = :database)
            GROUP BY blocked_by ORDER BY 1 DESC LIMIT 1
            """, values)
        if let blocked {
            let (count, pid): (Int, Int) = (blocked["blocked"], blocked["blocked_by"])
            let waiting = ValueFormat.count(count, "session waits", "sessions wait")
            warnings.append("\(waiting) for a lock of session \(pid) (list_blocked_sessions).")
        }
        let cold = try String.fetchAll(
            context.db,
            sql: """
                SELECT name FROM databases WHERE cache_hit_percent < 95 AND (:database IS NULL OR name = :database)
                """, arguments: StatementArguments(values))
        warnings += cold.map { "Cache hits of \($0) are below 95 %: something reads far more than usual." }
        let bloated = try String.fetchAll(
            context.db,
            sql: """
                SELECT name FROM tables WHERE dead_rows > 0.15 * rows AND (:database IS NULL OR database = :database)
                ORDER BY dead_rows DESC
                """, arguments: StatementArguments(values))
        return warnings + bloated.map { "Table \($0) has more than 15 % dead rows (get_table_sizes)." }
    }

    static let sizes = DemoTool(
        "get_table_sizes", "Sizes of tables",
        """
        Lists the tables of the databases by size, with rows, size of their indexes, dead rows and the last vacuum. \
        Use it for questions about disk space, growth and bloat. Covers both databases unless one is named.
        """, [.database, .limit(20)]
    ) { context in
        try context.table(
            [
                ResultColumn("table", "Table"), ResultColumn("database", "Database"),
                ResultColumn("rows", "Rows", .count),
                ResultColumn("bytes", "Size", .bytes), ResultColumn("index_bytes", "Indexes", .bytes),
                ResultColumn("dead_rows", "Dead rows", .count), ResultColumn("vacuumed_at", "Last vacuum", .time),
            ],
            """
            SELECT name AS "table", database, rows, bytes, dead_rows, vacuumed_at, count(*) OVER () AS total,
                (SELECT sum(bytes) FROM indexes i WHERE i.table_name = t.name) AS index_bytes
            FROM tables t WHERE :database IS NULL OR database = :database ORDER BY bytes DESC LIMIT :limit
            """, ["database": try context.database(), "limit": context.number("limit", default: 20, 1...100)]
        ).answer(
            "Tables by size:", empty: "There is no table.", narrow: "narrow with database, or raise limit")
    }

    static let indexes = DemoTool(
        "list_indexes", "Indexes",
        """
        Lists the indexes of tables with their columns, size, scans of the last day and hour, and their last use. \
        With usage "unused" it shows those that nothing has used for a month; with "stopped" those that were used \
        yesterday and not in the last hour. Use it to find out what serves a table or what only costs space.
        """,
        [
            .text("table", "Only the indexes of this table."),
            .choice("usage", "Only unused indexes, or only those whose use has stopped.", ["unused", "stopped"]),
            .limit(30),
        ]
    ) { context in
        let table = try context.text("table").map {
            try context.known("table", $0, in: "SELECT name FROM tables ORDER BY name", listedBy: "get_table_sizes")
        }
        return try indexTable(
            context, table: table, usage: context.text("usage"), limit: context.number("limit", default: 30, 1...100)
        )
        .answer("Indexes:", empty: "There is no such index.", narrow: "narrow with table or usage, or raise limit")
    }

    static func indexTable(_ context: ToolContext, table: String?, usage: String? = nil, limit: Int = 100) throws
        -> ResultTable
    {
        try context.table(
            [
                ResultColumn("index", "Index"), ResultColumn("table", "Table"), ResultColumn("columns", "Columns"),
                ResultColumn("bytes", "Size", .bytes), ResultColumn("scans_day", "Scans, day", .count),
                ResultColumn("scans_hour", "Scans, hour", .count), ResultColumn("used_at", "Last use", .time),
            ],
            """
            SELECT name AS "index", table_name AS "table", columns, bytes, scans_day, scans_hour, used_at,
                count(*) OVER () AS total
            FROM indexes WHERE (:table IS NULL OR table_name = :table)
                AND (:usage IS NULL OR (:usage = 'unused' AND used_at < :now - 30 * 86400)
                    OR (:usage = 'stopped' AND scans_day > 0 AND scans_hour = 0))
            ORDER BY table_name, name LIMIT :limit
            """, ["table": table, "usage": usage, "now": context.now, "limit": limit])
    }
}
