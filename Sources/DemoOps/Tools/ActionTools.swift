import Bridge
import GRDB

/// The tools that change the shop.
enum ActionTools {
    static let all = [killSession, restartService, dropIndex]

    static let killSession = DemoTool(
        "kill_session", "Kill a session",
        """
        Kills one database session: its connection is closed and its open transaction rolled back, so that sessions it \
        blocks go on. What it has not committed is lost. Needs the number of the session from list_sessions or \
        list_blocked_sessions.
        """, [Parameter.number("session", "The number (pid) of the session.", 1...4_194_304).required],
        effect: .destroys(again: true)
    ) { context in
        let pid = try context.requiredNumber("session")
        guard let session = try context.row("SELECT * FROM sessions WHERE pid = :pid", ["pid": pid]) else {
            throw CallProblem(
                "There is no session \(pid); it may have ended. list_sessions shows those that there are.")
        }
        let (user, state, service): (String, String, String) = (session["user"], session["state"], session["service"])
        let freed = try context.count("SELECT count(*) FROM sessions WHERE blocked_by = :pid", ["pid": pid])
        try context.db.execute(sql: "DELETE FROM sessions WHERE pid = ?", arguments: [pid])
        try context.db.execute(
            sql: "UPDATE sessions SET blocked_by = NULL, lock = NULL, state_since = ? WHERE blocked_by = ?",
            arguments: [context.now, pid])
        try context.log(service, "warn", "session \(pid) of \(user) was terminated by an administrator")
        return ToolAnswer(
            "Session \(pid) of \(user) (\(state)) was killed. "
                + "\(ValueFormat.count(freed, "session that it blocked goes", "sessions that it blocked go")) on.",
            ["session": .int(Int64(pid)), "user": .string(user), "unblocked": .int(Int64(freed))])
    }

    static let restartService = DemoTool(
        "restart_service", "Restart a service",
        """
        Restarts all instances of one service, one after the other. Requests in progress may fail, and its database \
        sessions are closed and opened anew. It does not change the version; a fault of the code comes back.
        """, [Parameter.choice("service", "The service to restart.", ShopService.names).required],
        effect: .destroys(again: false)
    ) { context in
        let service = try context.requiredService()
        let hosts = try context.count("SELECT count(*) FROM hosts WHERE service = :service", ["service": service])
        let pids = try Int.fetchAll(context.db, sql: "SELECT pid FROM sessions WHERE service = ?", arguments: [service])
        try context.db.execute(
            sql: "UPDATE services SET started_at = ? WHERE name = ?", arguments: [context.now, service])
        try context.db.execute(
            sql: """
                UPDATE sessions SET blocked_by = NULL, lock = NULL
                WHERE blocked_by IN (SELECT pid FROM sessions WHERE service = ?)
                """, arguments: [service])
        try context.db.execute(sql: "DELETE FROM sessions WHERE service = ?", arguments: [service])
        try context.log(service, "info", "restarted by an operator")
        return ToolAnswer(
            "\(service) was restarted on \(ValueFormat.count(hosts, "host", "hosts")); "
                + "\(ValueFormat.count(pids.count, "database session was", "database sessions were")) closed.",
            [
                "service": .string(service), "hosts": .int(Int64(hosts)), "sessions_closed": .int(Int64(pids.count)),
            ])
    }

    static let dropIndex = DemoTool(
        "drop_index", "Drop an index",
        """
        Drops an index of a database for good. Queries that it served read the whole table from then on and become slow; \
        building it anew takes hours on large tables. Indexes of primary keys cannot be dropped. Needs the name of the index.
        """, [Parameter.text("index", "The name of the index, for example idx_orders_legacy_ref.").required],
        effect: .destroys(again: true)
    ) { context in
        let name = try context.known(
            "index", try context.required("index"), in: "SELECT name FROM indexes ORDER BY name",
            listedBy: "list_indexes")
        guard !name.hasSuffix("_pkey") else {
            throw CallProblem("\(name) is the index of a primary key and cannot be dropped.")
        }
        let bytes = try context.count("SELECT bytes FROM indexes WHERE name = :name", ["name": name])
        let served = try String.fetchAll(
            context.db, sql: "SELECT id FROM queries WHERE index_name = ? ORDER BY id", arguments: [name])
        try context.db.execute(
            sql: """
                UPDATE queries SET index_name = NULL, rows_read = t.rows, mean_ms = queries.mean_ms + t.rows / 5800.0,
                    max_ms = queries.max_ms + t.rows / 2100.0,
                    plan = 'Seq Scan on ' || queries.table_name || char(10) || '  (index ' || queries.index_name
                        || ' was dropped)'
                FROM tables t WHERE t.name = queries.table_name AND queries.index_name = ?
                """, arguments: [name])
        try context.db.execute(sql: "DELETE FROM indexes WHERE name = ?", arguments: [name])
        let effect =
            served.isEmpty
            ? "No known query used it." : "These queries read the whole table now: \(served.joined(separator: ", "))."
        return ToolAnswer(
            "Index \(name) was dropped; \(ValueFormat.bytes(Double(bytes))) are free. \(effect)",
            [
                "index": .string(name), "freed_bytes": .int(Int64(bytes)),
                "affected_queries": .array(served.map { .string($0) }),
            ])
    }
}

extension ToolContext {
    /// Adds a line to the shop's logs.
    fileprivate func log(_ service: String, _ level: String, _ message: String) throws {
        try db.execute(
            sql: "INSERT INTO logs (at, service, level, message, trace) VALUES (?, ?, ?, ?, 'operator')",
            arguments: [now, service, level, message])
    }
}
