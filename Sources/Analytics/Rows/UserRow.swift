package import Foundation

/// A person as the record knows him; users.yaml has the last word about the people it names.
package struct UserRow: Sendable, Hashable {
    package let id: Int64
    /// Lower-cased; unique.
    package let email: String
    package let name: String
    package let role: String
    package let slackTeamID: String
    package let slackUserID: String?
    /// False: disabled by an administrator, whatever the configuration says.
    package let isActive: Bool
    package let isSuperAdmin: Bool
    package let createdAt: Date?

    init?(_ row: SQLRow) {
        guard let id = row.int("id"), let email = row.text("email"), let role = row.text("role") else { return nil }
        self.id = id
        self.email = email
        name = row.text("name") ?? email
        self.role = role
        slackTeamID = row.text("slack_team_id") ?? ""
        slackUserID = row.text("slack_user_id")
        isActive = row.bool("is_active") ?? false
        isSuperAdmin = row.bool("is_super_admin") ?? false
        createdAt = row.time("created_at")
    }
}

extension UserRow {
    /// Somebody of whom nothing else is known.
    init(_ seenUser: SeenUser) {
        id = 0
        email = seenUser.email
        name = seenUser.name
        role = seenUser.role
        slackTeamID = seenUser.team
        slackUserID = seenUser.slackUserID
        isActive = true
        isSuperAdmin = seenUser.isSuperAdmin
        createdAt = nil
    }
}

/// A person who was just met: the key of the workspace and what it says of him.
package struct SeenUser: Sendable, Hashable {
    package var team: String
    package var slackUserID: String?
    package var email: String
    package var name: String
    /// What the configuration gives him: the role of a row that is made now.
    package var role: String
    /// True when the configuration names this person: its role then replaces the row's.
    package var roleIsFixed: Bool
    package var isSuperAdmin: Bool

    package init(
        team: String = "", slackUserID: String? = nil, email: String, name: String, role: String,
        roleIsFixed: Bool = false, isSuperAdmin: Bool = false
    ) {
        self.team = team
        self.slackUserID = slackUserID
        self.email = email.lowercased()
        self.name = name
        self.role = role
        self.roleIsFixed = roleIsFixed
        self.isSuperAdmin = isSuperAdmin
    }
}
