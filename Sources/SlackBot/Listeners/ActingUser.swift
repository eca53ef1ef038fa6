import Bridge

/// The user who acted, from the payload of an interaction.
struct ActingUser: Sendable, Hashable {
    let id: String
    /// The workspace in which the user acted; in an organisation it may be the user's own, or the organisation's id.
    let team: String

    /// nil when a field is missing.
    init?(_ payload: JSONValue) {
        // `team` may be null for an app that is installed for an organisation (bolt-js, type BlockAction).
        guard let id = payload["user"]?["id"]?.string,
            let team = (payload["team"]?["id"] ?? payload["user"]?["team_id"])?.string
        else { return nil }
        (self.id, self.team) = (id, team)
    }
}
