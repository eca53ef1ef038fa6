import Bridge

/// A question as it arrives, before its asker is identified.
struct SlackQuestion: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable { case mention, direct, command, followUp }

    let kind: Kind
    /// Told apart from every other: the same thing delivered twice has the same key (decisions, section 1).
    let originKey: String
    let team: String
    let user: String
    let channel: String
    /// As the payload names it; nil where it does not.
    let channelName: String?
    let text: String
    /// The message's own ts; nil for a slash command, which leaves no message.
    let ts: String?
    /// The thread's root, when the message is in a thread.
    let threadTS: String?
    let responseURL: Secret?
    /// A channel that is shared with another organisation.
    let isExternallyShared: Bool

    /// The root under which the answer goes; nil until a slash command's parent message is posted.
    var rootTS: String? { threadTS ?? ts }

    /// Questions with the same key are answered in order and remember each other. A DM without threads is one talk by
    /// root as well: each top-level message begins a thread (Slack, agent messaging).
    var threadKey: String {
        rootTS.map { "\(team):\(channel):\($0)" } ?? "\(team):\(channel):command:\(originKey)"
    }
}
