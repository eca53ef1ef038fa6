/// A channel of the workspace. All users are members, except deactivated ones and those of other workspaces.
package struct WorkspaceChannel: Sendable, Hashable {
    /// `C…`, unique in the workspace.
    package var id: String
    /// Without `#`.
    package var name: String
    /// A private channel: only members see it.
    package var isPrivate: Bool
    /// Whether the bot is a member.
    package var hasBot: Bool
    /// Neither the app nor users can post.
    package var isArchived: Bool
    /// Whether it is shared with another organisation (Slack Connect).
    package var isExternallyShared: Bool
    /// The topic; may be empty.
    package var topic: String
    /// What the app may post.
    package var posting: Posting

    /// The posting permissions of a channel, as an administrator sets them; users who may ask may post.
    package enum Posting: Sendable, Hashable {
        case everything
        /// Nothing: `restricted_action_read_only_channel`.
        case nothing
        /// Replies in threads: `restricted_action_thread_only_channel` for others.
        case threadsOnly
        /// No replies in threads: `restricted_action_non_threadable_channel`.
        case noThreads
        /// Nothing, with this code; Slack adds codes without notice.
        case refused(String)
    }

    package init(
        id: String, name: String, isPrivate: Bool = false, hasBot: Bool = true, isArchived: Bool = false,
        isExternallyShared: Bool = false, topic: String = "", posting: Posting = .everything
    ) {
        self.id = id
        self.name = name
        self.isPrivate = isPrivate
        self.hasBot = hasBot
        self.isArchived = isArchived
        self.isExternallyShared = isExternallyShared
        self.topic = topic
        self.posting = posting
    }

    /// The channels of the default workspace.
    package static let acme: [WorkspaceChannel] = [
        WorkspaceChannel(id: "C0OPS", name: "ops", topic: "What runs, and what does not"),
        WorkspaceChannel(id: "C0GENERAL", name: "general", topic: "Everybody"),
        WorkspaceChannel(id: "C0RANDOM", name: "random", hasBot: false, topic: "The bot is not here"),
        WorkspaceChannel(
            id: "C0PRIVATE", name: "private-ops", isPrivate: true, hasBot: false, topic: "Without the bot"),
    ]
}
