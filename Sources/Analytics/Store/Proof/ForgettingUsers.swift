extension Store {
    /// Deletes the person's row of `users` and votes, and clears the calls and acts that name the person. A row that an
    /// administrator has disabled stays without a name, so that the person's id in the workspace stays disabled. True
    /// if there was a row.
    static func forgetUser(_ email: String, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            """
            UPDATE tool_calls SET user_email = 'forgotten', arguments = NULL, error = NULL WHERE user_email = $1
            """, [.text(email)])
        try connection.execute("DELETE FROM feedback WHERE voter = $1", [.text(email)])
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
        for table in [RollupTable.usage, .latency] { try table.moveUser(email, to: "forgotten", on: connection) }
    }
}
