import Bridge

/// A user as `users.info` describes it; missing flags are false (docs.slack.dev, user object).
struct SlackUser: Sendable, Hashable {
    let id: String
    let team: String
    /// The first that is not empty: real name, display name, user name; else the id.
    let name: String
    /// In lower case, and confirmed; nil when Slack returns none.
    let email: String?
    let isBot: Bool
    let isDeleted: Bool
    /// `is_restricted`: a single- or multi-channel guest.
    let isGuest: Bool
    /// `is_stranger`: a user of another workspace, without a shared channel that the app can see.
    let isStranger: Bool
    /// The workspaces of the user's Enterprise organisation that the user is in (`enterprise_user.teams`); empty
    /// outside one.
    let teams: Set<String>

    /// Whether the user belongs to that workspace. In an organisation ``team`` may be another one of its workspaces.
    func isMember(of workspace: String) -> Bool { !isStranger && (team == workspace || teams.contains(workspace)) }

    /// The e-mail in the store of a user who is not identified yet, or for whom the workspace has none.
    static func provisionalEmail(_ id: String) -> String { "\(id.lowercased())@slack.invalid" }

    init(_ user: JSONValue, id: String, team: String) {
        self.id = id
        self.team = user["team_id"]?.string ?? user["profile"]?["team"]?.string ?? team
        let names = [user["profile"]?["real_name"], user["real_name"], user["profile"]?["display_name"], user["name"]]
        name = names.compactMap { $0?.string }.first { !$0.isEmpty } ?? id
        let isConfirmed = user["is_email_confirmed"]?.bool ?? true
        email = isConfirmed ? user["profile"]?["email"]?.string?.lowercased() : nil
        // `is_bot` is false for Slackbot.
        isBot = user["is_bot"]?.bool ?? false || user["is_app_user"]?.bool ?? false || id == "USLACKBOT"
        isDeleted = user["deleted"]?.bool ?? false
        isGuest = user["is_restricted"]?.bool ?? false
        isStranger = user["is_stranger"]?.bool ?? false
        teams = Set(user["enterprise_user"]?["teams"]?.array?.compactMap(\.string) ?? [])
    }
}
