import Bridge
import GRDB

/// Tools about database sessions and their locks.
enum SessionTools {
    static let all = [sessions, blocked]

    static let sessions = DemoTool(
        "list_sessions", "Database sessions",
        """
        Lists the sessions (connections) of the databases with user, service, state, what they run and for how long, the \
        longest first. Use it to see who is connected and what is running now. list_blocked_sessions shows only those that \
        wait for locks.
        """,
        [
            .choice("state", "Only sessions in this state.", ["active", "idle", "idle in transaction"]), .service,
            .database, .limit(20),
        ]
    ) { context in
        let table = try context.table(
            [
                ResultColumn("pid", "Session"), ResultColumn("database", "Database"), ResultColumn("user", "User"),
                ResultColumn("state", "State"), ResultColumn("state_since", "For", .age),
                ResultColumn("blocked_by", "Blocked by"),
                ResultColumn("sql", "Query", .code),
            ],
            """
            SELECT pid, database, user, state, state_since, blocked_by, sql, count(*) OVER () AS total FROM sessions
            WHERE (:state IS NULL OR state = :state) AND (:service IS NULL OR service = :service)
                AND (:database IS NULL OR database = :database)
            ORDER BY state_since, pid LIMIT :limit
            """,
            [
                "state": context.text("state"), "service": try context.service(), "database": try context.database(),
                "limit": context.number("limit", default: 20, 1...100),
            ])
        return table.answer(
            "\(ValueFormat.count(table.total, "session", "sessions")), the longest in its state first:",
            empty: "There is no such session.", narrow: "narrow with state, service or database, or raise limit")
    }

    static let blocked = DemoTool(
        "list_blocked_sessions", "Blocked sessions",
        """
        Lists the sessions that wait for a lock, how long they have waited, and the blocking session that holds it with \
        its state and last statement. Use it when writes hang or a database reports blocked sessions, locks or deadlocks. \
        A blocking session that is idle in transaction can be ended with kill_session.
        """, [.database]
    ) { context in
        let table = try context.table(
            [
                ResultColumn("pid", "Session"), ResultColumn("user", "User"),
                ResultColumn("state_since", "Waits", .age),
                ResultColumn("lock", "For"), ResultColumn("blocked_by", "Blocked by"),
                ResultColumn("holder_state", "Holder is"),
                ResultColumn("holder_since", "Since", .age),
                ResultColumn("holder_sql", "Holder's last statement", .code),
            ],
            """
            SELECT w.pid, w.user, w.state_since, w.lock, w.blocked_by, h.state AS holder_state,
                h.state_since AS holder_since, h.sql AS holder_sql, count(*) OVER () AS total
            FROM sessions w LEFT JOIN sessions h ON h.pid = w.blocked_by
            WHERE w.blocked_by IS NOT NULL AND (:database IS NULL OR w.database = :database)
            ORDER BY w.state_since, w.pid LIMIT 100
            """, ["database": try context.database()])
        return table.answer(
            "\(ValueFormat.count(table.total, "session waits", "sessions wait")) for a lock:",
            empty: "No session waits for a lock.", narrow: "name a database")
    }
}
