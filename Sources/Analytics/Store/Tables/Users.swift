import Foundation

extension Store {
    /// Inserts or updates the row of a user who asks, and returns it. `isActive` stays false for a row that an
    /// administrator has disabled, also if the user has another e-mail or another workspace id now.
    ///
    /// While the store is unavailable: the row as it was last read; for an unknown user what `seenUser` contains.
    package func seen(_ seenUser: SeenUser) async throws -> UserRow {
        guard let spool else { return try await meet(seenUser, on: database) }
        do {
            let row = try await inStore { try await self.meet(seenUser, on: $0) }
            spool.state.withLockedValue { $0.people[row.email] = row }
            return row
        } catch let error as StoreError where error.saysAway {
            return spool.state.withLockedValue { $0.remembered(seenUser) } ?? UserRow(seenUser)
        }
    }

    private func meet(_ seenUser: SeenUser, on database: any SQLDatabase) async throws -> UserRow {
        if let known = try await database.autocommit({ try Self.justMet(seenUser, $0) }) { return known }
        return try await database.write { connection in
            let byID = try Self.user(team: seenUser.team, slackUserID: seenUser.slackUserID, connection)
            let byEmail = try Self.user(email: seenUser.email, connection)
            if let byID, let byEmail, byID.id != byEmail.id {
                // The e-mail identifies the user; two rows of one user must not undo a disabling.
                guard byID.isActive else { return byID }
                guard byEmail.isActive else { return byEmail }
                try connection.execute("UPDATE users SET slack_user_id = NULL WHERE id = $1", [.int(byID.id)])
                return try Self.refresh(byEmail, seenUser, connection)
            }
            if let known = byID ?? byEmail { return try Self.refresh(known, seenUser, connection) }
            try SQLStatement.insert(
                into: "users",
                [
                    ("email", .text(seenUser.email)), ("name", .text(seenUser.name)), ("role", .text(seenUser.role)),
                    ("slack_team_id", .text(seenUser.team)), ("slack_user_id", .text(seenUser.slackUserID)),
                    ("is_super_admin", .bool(seenUser.isSuperAdmin)), ("last_login", .time(Date())),
                    ("login_count", .int(1)),
                ], "ON CONFLICT DO NOTHING", on: connection)
            guard let made = try Self.user(email: seenUser.email, connection) else {
                throw StoreError(.busy, "the row of a person was taken by another at the same time: try again")
            }
            return made
        }
    }

    /// The row of a user who was seen within a minute with the same data: nothing to write. Else nil.
    private static func justMet(_ seenUser: SeenUser, _ connection: any SQLConnection) throws -> UserRow? {
        var statement = SQLStatement(connection.dialect)
        var terms = [
            "email = \(statement.bind(.text(seenUser.email)))", "name = \(statement.bind(.text(seenUser.name)))",
            "is_super_admin = \(statement.bind(.bool(seenUser.isSuperAdmin)))",
            "last_login > \(connection.dialect.now(plus: -60_000))",
        ]
        if seenUser.roleIsFixed { terms.append("role = \(statement.bind(.text(seenUser.role)))") }
        if let id = seenUser.slackUserID {
            terms.append("slack_user_id = \(statement.bind(.text(id)))")
            terms.append("slack_team_id = \(statement.bind(.text(seenUser.team)))")
        }
        let sql = "\(selectUsers(connection.dialect)) WHERE \(terms.joined(separator: " AND "))"
        return try connection.query(sql, statement.values).first.flatMap { UserRow($0) }
    }

    /// The user with that e-mail; nil if there is none. While the store is unavailable: as last read.
    package func user(email: String) async throws -> UserRow? {
        do {
            return try await inStore { try await $0.read { try Self.user(email: email.lowercased(), $0) } }
        } catch let error as StoreError where error.saysAway && spool != nil {
            return spool?.state.withLockedValue { $0.people[email.lowercased()] }
        }
    }

    /// The user with that id in that workspace; nil if there is none.
    package func user(team: String, slackUserID: String) async throws -> UserRow? {
        try await database.read { try Self.user(team: team, slackUserID: slackUserID, $0) }
    }

    /// All users, by e-mail.
    package func users() async throws -> [UserRow] {
        try await database.read { try Self.users(on: $0) }
    }

    /// All users of a given database, by e-mail.
    static func users(on connection: any SQLConnection) throws -> [UserRow] {
        let sql = "\(selectUsers(connection.dialect)) ORDER BY email"
        return try connection.query(sql, []).compactMap { UserRow($0) }
    }

    /// Inserts a user, or changes name, role, workspace id and super admin of the one with that e-mail.
    package func add(_ person: SeenUser) async throws -> UserRow {
        try await database.write { connection in
            try SQLStatement.insert(
                into: "users",
                [
                    ("email", .text(person.email)), ("name", .text(person.name)), ("role", .text(person.role)),
                    ("slack_team_id", .text(person.team)), ("slack_user_id", .text(person.slackUserID)),
                    ("is_super_admin", .bool(person.isSuperAdmin)),
                ],
                """
                ON CONFLICT (email) DO UPDATE SET name = excluded.name, role = excluded.role,
                    slack_team_id = CASE WHEN excluded.slack_user_id IS NULL THEN users.slack_team_id
                        ELSE excluded.slack_team_id END,
                    slack_user_id = coalesce(excluded.slack_user_id, users.slack_user_id),
                    is_super_admin = excluded.is_super_admin, updated_at = \(connection.dialect.now)
                """, on: connection)
            guard let row = try Self.user(email: person.email, connection) else {
                throw StoreError(.other, "the person was not stored")
            }
            return row
        }
    }

    /// Sets a user's role. nil if no user has that e-mail.
    package func setRole(_ role: String, of email: String) async throws -> UserRow? {
        try await change(email, "role", .text(role))
    }

    /// Disables or enables a user. nil if no user has that e-mail.
    package func setActive(_ isActive: Bool, _ email: String) async throws -> UserRow? {
        try await change(email, "is_active", .bool(isActive))
    }

    private func change(_ email: String, _ column: String, _ field: ColumnValue) async throws -> UserRow? {
        try await database.write { connection in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE users SET \(column) = \(statement.bind(field)), updated_at = \(connection.dialect.now)
                WHERE email = \(statement.bind(.text(email.lowercased())))
                """
            try connection.execute(sql, statement.values)
            return try Self.user(email: email.lowercased(), connection)
        }
    }

    private static func refresh(
        _ known: UserRow, _ seenUser: SeenUser, _ connection: any SQLConnection
    ) throws -> UserRow {
        // The configuration decides who is super admin: the flag must not outlive a removed entry.
        var statement = SQLStatement(connection.dialect)
        let role = seenUser.roleIsFixed ? seenUser.role : known.role
        let team = seenUser.slackUserID == nil ? known.slackTeamID : seenUser.team
        let sql = """
            UPDATE users SET email = \(statement.bind(.text(seenUser.email))),
                name = \(statement.bind(.text(seenUser.name))), role = \(statement.bind(.text(role))),
                is_super_admin = \(statement.bind(.bool(seenUser.isSuperAdmin))),
                slack_team_id = \(statement.bind(.text(team))),
                slack_user_id = \(statement.bind(.text(seenUser.slackUserID ?? known.slackUserID))),
                last_login = \(connection.dialect.now), login_count = login_count + 1,
                updated_at = \(connection.dialect.now)
            WHERE id = \(statement.bind(.int(known.id)))
            """
        try connection.enqueue(sql, statement.values)
        return try user(email: seenUser.email, connection) ?? known
    }

    private static func selectUsers(_ dialect: SQLDialect) -> String {
        """
        SELECT id, email, name, role, slack_team_id, slack_user_id, is_active, is_super_admin,
            \(dialect.selected("created_at", .time)) FROM users
        """
    }

    private static func user(email: String, _ connection: any SQLConnection) throws -> UserRow? {
        try connection.query("\(selectUsers(connection.dialect)) WHERE email = $1", [.text(email.storable)]).first
            .flatMap { UserRow($0) }
    }

    /// A row without a team was added by an administrator before the workspace was known.
    private static func user(
        team: String, slackUserID: String?, _ connection: any SQLConnection
    ) throws -> UserRow? {
        guard let slackUserID else { return nil }
        let sql = """
            \(selectUsers(connection.dialect)) WHERE slack_user_id = $1 AND slack_team_id IN ($2, '')
            ORDER BY slack_team_id DESC LIMIT 1
            """
        return try connection.query(sql, [.text(slackUserID), .text(team)]).first.flatMap { UserRow($0) }
    }
}
