import Bridge

/// A question as it was received from Slack, before its asker is identified.
struct SlackQuestion: Sendable, Hashable {
    /// What the question was: an `app_mention`, a direct message, `/omni`, or a message in a thread without a mention.
    /// Stored as `way` in the context.
    enum Kind: String, Sendable, Hashable { case mention, direct, command, followUp }

    let kind: Kind
    /// Deduplication key: two deliveries of one message or command have the same key.
    let originKey: String
    let team: String
    let user: String
    let channel: String
    /// The channel's name in the payload; nil without one.
    let channelName: String?
    let text: String
    /// ts of the message; nil for a slash command, which has no message.
    let ts: String?
    /// ts of the thread's root, when the message is in a thread.
    let threadTS: String?
    /// The `response_url` of a slash command; nil for messages.
    let responseURL: Secret?
    /// Whether the channel is shared with another organisation (Slack Connect).
    let isExternallyShared: Bool
    /// The messages that the asker forwarded with it.
    var shared: [QuotedMessage] = []
    /// The files that the asker attached to it.
    var files: [SlackFile] = []
    /// Whether a back-fill found it too late: it is not answered, and its thread says so.
    var isTooLate = false

    /// ts of the root of the answer's thread; nil until a slash command's parent message is posted.
    var rootTS: String? { threadTS ?? ts }

    /// Questions with the same key are one conversation: answered in order, each with the history of the earlier ones.
    /// In a DM too each top-level message begins a thread (docs.slack.dev, agent messaging).
    var threadKey: String {
        rootTS.map { "\(team):\(channel):\($0)" } ?? "\(team):\(channel):command:\(originKey)"
    }
}
