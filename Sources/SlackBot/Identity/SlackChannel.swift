import Bridge

/// A conversation as `conversations.info` describes it.
struct SlackChannel: Sendable, Hashable {
    let id: String
    /// nil when Slack returns none, as for a direct message.
    let name: String?
    let isDirect: Bool
    let isPrivate: Bool
    /// Whether it is shared with another organisation (Slack Connect).
    let isExternallyShared: Bool

    init(_ channel: JSONValue, id: String) {
        self.id = id
        name = channel["name"]?.string
        isDirect = channel["is_im"]?.bool ?? false
        isPrivate = channel["is_private"]?.bool ?? false
        isExternallyShared = channel["is_ext_shared"]?.bool ?? false
    }

    /// The `channel_name` of a slash command; nil for the placeholders that Slack sends for private channels and direct
    /// messages.
    static func name(ofCommand name: String?) -> String? {
        name == "privategroup" || name == "directmessage" ? nil : name
    }
}
