extension Store {
    /// Deletes the person's row of `users` and clears the calls and acts that name the person. A row that an
    /// administrator has disabled stays without a name, so that the person's id in the workspace stays disabled. True
    /// if there was a row.
    static func forgetUser(_ email: String, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            """
            UPDATE tool_calls SET user_email = 'forgotten', arguments = NULL, error = NULL WHERE user_email = $1
            """, [.text(email)])
        try connection.execute("UPDATE admin_events SET subject = 'forgotten' WHERE subject = $1", [.text(email)])
        let active = connection.dialect == .postgres ? "is_active" : "is_active = 1"
        let deleted = try connection.execute("DELETE FROM users WHERE email = $1 AND \(active)", [.text(email)])
        let anonymised = try connection.execute(
            """
            UPDATE users SET email = 'forgotten-' || id || '@forgotten.invalid', name = 'forgotten', preferences = '{}',
                password_hash = NULL WHERE email = $1
            """, [.text(email)])
        return deleted + anonymised > 0
    }

    /// Adds the person's figures to those of the name `forgotten`, which is one name for all who were forgotten.
    static func forgetRollups(_ email: String, on connection: any SQLConnection) throws {
        let counters = [
            "questions", "errors", "warnings", "blocked", "calls", "failed_calls", "denied_calls", "iterations",
            "tokens_input", "tokens_output", "tokens_cached", "tokens_cache_write", "cost_nano", "unpriced", "ms",
        ]
        try merge("usage_rollups", of: email, counters, also: ["last_at"], key: [], on: connection)
        try merge("latency_rollups", of: email, ["count"], also: [], key: ["bucket"], on: connection)
    }

    /// - Parameters:
    ///   - counters: the columns that are added.
    ///   - times: the columns of which the later value counts.
    ///   - key: the columns of the primary key besides dimension, day, name, detail and slot.
    private static func merge(
        _ table: String, of email: String, _ counters: [String], also times: [String], key: [String],
        on connection: any SQLConnection
    ) throws {
        let later = connection.dialect == .postgres ? "greatest" : "max"
        let sums = counters.map { "\($0) = \(table).\($0) + excluded.\($0)" }
        let ends = times.map { "\($0) = \(later)(\(table).\($0), excluded.\($0))" }
        let places = (["day", "detail", "slot"] + key).joined(separator: ", ")
        let columns = ([places] + counters + times).joined(separator: ", ")
        try connection.execute(
            """
            INSERT INTO \(table) (dimension, name, \(columns))
            SELECT 'user', 'forgotten', \(columns) FROM \(table) WHERE dimension = 'user' AND name = $1
            ON CONFLICT (dimension, name, \(places)) DO UPDATE SET \((sums + ends).joined(separator: ", "))
            """, [.text(email)])
        try connection.execute("DELETE FROM \(table) WHERE dimension = 'user' AND name = $1", [.text(email)])
    }
}
