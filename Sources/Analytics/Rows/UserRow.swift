package import Foundation

/// A stored user: one row of `users`. For users it names, users.yaml takes precedence.
package struct UserRow: Sendable, Hashable {
    package let id: Int64
    /// Lower case; unique.
    package let email: String
    package let name: String
    package let role: String
    /// The workspace's id; empty if unknown.
    package let slackTeamID: String
    package let slackUserID: String?
    /// False: disabled by an administrator, whatever the configuration contains.
    package let isActive: Bool
    package let isSuperAdmin: Bool
    /// nil for a user that is not stored.
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
    /// A user of whom only the configuration and Slack's data are known. The id is 0.
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

/// What Slack and the configuration say about a user who asks.
package struct SeenUser: Sendable, Hashable {
    /// The workspace's id; empty if unknown.
    package var team: String
    package var slackUserID: String?
    /// Lower case.
    package var email: String
    package var name: String
    /// The role from the configuration, for a new row.
    package var role: String
    /// True if the configuration names this user: its role then replaces the row's.
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
