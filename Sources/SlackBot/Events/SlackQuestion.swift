import Bridge

/// A question as it was received from Slack, before its asker is identified.
struct SlackQuestion: Sendable, Hashable {
    /// What the question was: an `app_mention`, a direct message, `/omni` or `/omni-tool`, or a message in a thread
    /// without a mention. Stored as `way` in the context.
    enum Kind: String, Sendable, Hashable {
        case mention, direct, command, followUp
        /// A reaction to a message (``ReactionTriggers``).
        case reaction
        /// The message shortcut: a question about a message, asked in a modal (``AskAboutView``).
        case shortcut
        /// A message in a channel that does not address Omni (``AutoResponses``).
        case automatic

        /// Whether the user meant to ask Omni, so that a refusal is told to them; else only the audit log has it.
        var isAddressed: Bool { self != .reaction && self != .automatic }
    }

    var kind: Kind
    /// Deduplication key: two deliveries of one message, command, reaction or modal have the same key.
    let originKey: String
    let team: String
    let user: String
    let channel: String
    /// The channel's name in the payload; nil without one.
    let channelName: String?
    var text: String
    /// ts of the message, and for a reaction of its event; nil for a slash command and a modal, which have none.
    let ts: String?
    /// ts of the thread's root, when the message is in a thread. For a question about another message: the root of that
    /// message's thread, or that message itself while its thread is not known.
    var threadTS: String?
    /// The `response_url` of a slash command; nil for messages.
    let responseURL: Secret?
    /// Whether the channel is shared with another organisation (Slack Connect), as far as the payload says so.
    var isExternallyShared: Bool
    /// The messages that the asker forwarded with it, or the one that it is about.
    var shared: [QuotedMessage] = []
    /// The call of `/omni-tool`; nil when a model answers the question.
    var call: NamedToolCall?
    /// ts of the message that a reaction or the shortcut asks about; nil for other questions.
    var about: String?
    /// The configured answer of ``AutoResponses``, in mrkdwn; nil when a model answers.
    var fixedAnswer: String?
    /// The files that the asker attached to it, and those of the messages in ``shared``.
    var files: [SlackFile] = []
    /// Whether a back-fill found it too late: it is not answered, and its thread says so.
    var isTooLate = false

    /// ts of the root of the answer's thread; nil until a slash command's parent message is posted.
    var rootTS: String? { threadTS ?? ts }

    /// Questions with the same key are one conversation: answered in order, each with the history of the earlier ones.
    /// In a DM too each top-level message begins a thread (docs.slack.dev, agent messaging).
    var threadKey: String {
        rootTS.map { Self.threadKey(team, channel, root: $0) } ?? "\(team):\(channel):command:\(originKey)"
    }

    /// The ``threadKey`` of the thread with that root.
    static func threadKey(_ team: String, _ channel: String, root: String) -> String { "\(team):\(channel):\(root)" }
}
