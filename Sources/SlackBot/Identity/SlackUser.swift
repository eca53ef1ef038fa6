import Bridge

/// A person as `users.info` describes them; missing flags are false (docs.slack.dev, user object).
struct SlackUser: Sendable, Hashable {
    let id: String
    let team: String
    let name: String
    /// Lower-cased and confirmed; nil when Slack gives none.
    let email: String?
    let isBot: Bool
    let isDeleted: Bool
    let isGuest: Bool
    let isStranger: Bool

    init(_ user: JSONValue, id: String, team: String) {
        self.id = id
        self.team = user["team_id"]?.string ?? user["profile"]?["team"]?.string ?? team
        let names = [user["profile"]?["real_name"], user["real_name"], user["profile"]?["display_name"], user["name"]]
        name = names.compactMap { $0?.string }.first { !$0.isEmpty } ?? id
        let isConfirmed = user["is_email_confirmed"]?.bool ?? true
        email = isConfirmed ? user["profile"]?["email"]?.string?.lowercased() : nil
        // Slackbot's own flag is false.
        isBot = user["is_bot"]?.bool ?? false || user["is_app_user"]?.bool ?? false || id == "USLACKBOT"
        isDeleted = user["deleted"]?.bool ?? false
        isGuest = user["is_restricted"]?.bool ?? false
        isStranger = user["is_stranger"]?.bool ?? false
    }
}
