import Bridge

extension ReportReader {
    /// The e-mail of the user with that id; nil if there is none.
    func email(ofUser id: Int64) throws -> String? {
        var statement = SQLStatement(connection.dialect)
        let sql = "SELECT email FROM users WHERE id = \(statement.bind(.int(id)))"
        return try connection.query(sql, statement.values).first?.text("email")
    }

    /// Whether a user has that e-mail, or a question was asked with it.
    func isKnown(email: String) throws -> Bool {
        let queries = [
            "SELECT 1 AS found FROM users WHERE email = $1 LIMIT 1",
            "SELECT 1 AS found FROM audit_logs WHERE user_email = $1 LIMIT 1",
        ]
        return try queries.contains { try !connection.query($0, [.text(email.storable)]).isEmpty }
    }

    /// Up to `limit` e-mails of users, those who were seen last first.
    func someUsers(limit: Int) throws -> [String] {
        var statement = SQLStatement(connection.dialect)
        let sql = """
            SELECT email FROM users ORDER BY last_login IS NULL, last_login DESC, email
            LIMIT \(statement.bind(.int(Int64(limit))))
            """
        return try connection.query(sql, statement.values).compactMap { $0.text("email") }
    }
}
