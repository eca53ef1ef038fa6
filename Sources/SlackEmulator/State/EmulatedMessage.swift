package import Bridge

/// A message in the workspace's state.
package struct EmulatedMessage: Sendable, Hashable {
    /// Unique in the workspace and increasing: seconds and microseconds since 1970, as in Slack.
    package let ts: String
    /// The channel's id.
    package let channel: String
    /// The author's user id.
    package var user: String
    /// The app's bot id if the app posted the message.
    package var botID: String?
    /// Slack's mrkdwn, with `<@U…>` and escaped `& < >`; Markdown if it was posted as `markdown_text`.
    package var text: String
    /// The blocks, with the ids that the emulator added.
    package var blocks: [JSONValue] = []
    /// Slack's secondary attachments, unchecked except for their number.
    package var attachments: [JSONValue] = []
    /// The ts of the thread's root; nil outside threads.
    package var threadTS: String?
    /// A reply that is also shown in the channel (`reply_broadcast`).
    package var isBroadcast = false
    /// Slack's message subtype.
    package var subtype: String?
    /// `event_type` and `event_payload`, as the app set them.
    package var metadata: JSONValue?
    /// The completed uploads that are shared with the message.
    package var files: [JSONValue] = []
    /// Reaction names, each with the ids of the users that added it.
    package var reactions: [(name: String, users: [String])] = []
    /// How often the message was changed, appended streams included.
    package var revisions = 0
    /// Whether Slack shows "(edited)": the text was changed, not only the blocks.
    package var isEdited = false
    /// When the text was changed last, as a ts; also set by appends to a stream.
    package var editedTS: String?
    /// The user who alone sees the message (ephemeral); such a message is in no history.
    package var onlyFor: String?
    /// The message is a stream that is not stopped (`chat.startStream`).
    package var isStreaming = false
    /// The message began as a stream.
    package var isStreamed = false

    /// Whether the message is in a thread and not its root.
    package var isReply: Bool { threadTS != nil && threadTS != ts }
    /// Whether only one user sees the message.
    package var isEphemeral: Bool { onlyFor != nil }

    init(ts: String, channel: String, user: String, text: String) {
        self.ts = ts
        self.channel = channel
        self.user = user
        self.text = text
    }

    /// Compares what the app or a user can change, and the identity.
    package static func == (left: EmulatedMessage, right: EmulatedMessage) -> Bool {
        left.ts == right.ts && left.channel == right.channel && left.text == right.text && left.blocks == right.blocks
            && left.revisions == right.revisions && left.onlyFor == right.onlyFor
            && left.reactions.elementsEqual(right.reactions, by: ==)
    }

    /// Consistent with `==`: hashes identity and revision.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(ts)
        hasher.combine(channel)
        hasher.combine(revisions)
    }
}
