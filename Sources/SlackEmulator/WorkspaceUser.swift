/// A user of the workspace, with the properties that `users.info` returns.
package struct WorkspaceUser: Sendable, Hashable {
    /// `U…`, unique in the workspace.
    package var id: String
    /// The handle, as in `@ana`.
    package var name: String
    /// The full name, shown as the author of messages.
    package var realName: String
    /// Returned with the scope `users:read.email`; nil if the user has none.
    package var email: String?
    /// Whether this is the app's bot user.
    package var isBot: Bool
    /// A multi-channel guest (`is_restricted`).
    package var isRestricted: Bool
    /// Deactivated.
    package var deleted: Bool
    /// A user of another workspace, visible through a shared channel (`is_stranger`).
    package var isStranger: Bool
    /// The workspace that `users.info` names; nil for this one. In an Enterprise organisation it may be another one.
    package var team: String?
    /// The workspaces of the Enterprise organisation that the user is in; nil outside one.
    package var enterpriseTeams: [String]?
    /// An IANA time zone.
    package var tz: String

    package init(
        id: String, name: String, realName: String, email: String?, isBot: Bool = false, isRestricted: Bool = false,
        deleted: Bool = false, isStranger: Bool = false, team: String? = nil,
        enterpriseTeams: [String]? = nil, tz: String = "Europe/Berlin"
    ) {
        self.id = id
        self.name = name
        self.realName = realName
        self.email = email
        self.isBot = isBot
        self.isRestricted = isRestricted
        self.deleted = deleted
        self.isStranger = isStranger
        self.team = team
        self.enterpriseTeams = enterpriseTeams
        self.tz = tz
    }

    /// The id of the user's workspace; `own` is that of the emulated one.
    func teamID(own: String) -> String { team ?? (isStranger ? "T0ELSEWHERE" : own) }

    /// The users of the default workspace.
    package static let acme: [WorkspaceUser] = [
        WorkspaceUser(id: "U0ANA", name: "ana", realName: "Ana Lima", email: "ana@acme.example"),
        WorkspaceUser(id: "U0BEN", name: "ben", realName: "Ben Okafor", email: "ben@acme.example"),
        WorkspaceUser(id: "U0CHEN", name: "chen", realName: "Chen Wei", email: "chen@acme.example"),
        WorkspaceUser(id: "U0DANA", name: "dana", realName: "Dana Roth", email: "dana@acme.example"),
        WorkspaceUser(
            id: "U0GUS", name: "gus", realName: "Gus Guest", email: "gus@partner.example", isRestricted: true),
        WorkspaceUser(
            id: "U0OLD", name: "olga", realName: "Olga Left", email: "olga@acme.example", deleted: true),
        WorkspaceUser(id: "U0SAM", name: "sam", realName: "Sam Elsewhere", email: nil, isStranger: true),
    ]
}
