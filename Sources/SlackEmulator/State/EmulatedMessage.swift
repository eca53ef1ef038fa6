package import Bridge

/// A message as the workspace holds it.
package struct EmulatedMessage: Sendable, Hashable {
    /// Unique in the workspace and increasing: seconds and microseconds, as Slack writes it.
    package let ts: String
    package let channel: String
    /// The author's user id.
    package let user: String
    /// Set when the app wrote it.
    package var botID: String?
    /// Slack's mrkdwn, with `<@U…>` and escaped `& < >`.
    package var text: String
    package var blocks: [JSONValue] = []
    package var attachments: [JSONValue] = []
    /// The thread's root; nil for a message that is no reply.
    package var threadTS: String?
    package var isBroadcast = false
    package var subtype: String?
    package var metadata: JSONValue?
    package var files: [JSONValue] = []
    /// Reaction name to the users who gave it.
    package var reactions: [(name: String, users: [String])] = []
    /// How often its words or blocks were replaced.
    package var revisions = 0
    /// Whether Slack would show "(edited)": its text was changed, not only its blocks.
    package var isEdited = false
    /// When it was edited last, as a ts.
    package var editedTS: String?
    /// Seen by this user only; such a message is in no history.
    package var onlyFor: String?
    /// A stream that is still open (`chat.startStream`).
    package var isStreaming = false

    package var isReply: Bool { threadTS != nil && threadTS != ts }
    package var isEphemeral: Bool { onlyFor != nil }

    init(ts: String, channel: String, user: String, text: String) {
        self.ts = ts
        self.channel = channel
        self.user = user
        self.text = text
    }

    package static func == (left: EmulatedMessage, right: EmulatedMessage) -> Bool {
        left.ts == right.ts && left.channel == right.channel && left.text == right.text && left.blocks == right.blocks
            && left.revisions == right.revisions && left.onlyFor == right.onlyFor
            && left.reactions.elementsEqual(right.reactions, by: ==)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ts)
        hasher.combine(channel)
        hasher.combine(revisions)
    }
}
