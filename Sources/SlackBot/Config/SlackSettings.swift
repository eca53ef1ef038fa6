import Bridge

/// What slack.yaml says, with the tokens of the environment.
struct SlackSettings: Sendable, Hashable {
    /// `xoxb-…`; nil: not configured.
    var botToken: Secret?
    /// `xapp-…`; nil: not configured.
    var appToken: Secret?
    /// With a slash at its end.
    var apiURL = "https://slack.com/api/"
    var botName = "Omni"
    /// The only team whose people are known by their Slack id; nil: any.
    var workspaceID: String?
    /// By name, with the slash.
    var commands = Command.defaults
    var behavior = Behavior()
    var allowedChannels = AllowedChannels()
    /// Where administrators are told what the log says too, by id or `#name`; nil: nowhere.
    var adminChannel: String?
    var mentions = Mentions()
    var diagnostics = Diagnostics()

    struct Command: Sendable, Hashable {
        let name: String
        var isEnabled = true
        /// A role of at least this one's rank may use it; nil: everybody.
        var requiredRole: String?
        var description: String
        /// `[question]`.
        var usageHint: String

        static let defaults = Dictionary(
            uniqueKeysWithValues: [
                Command(name: "/omni", description: "Ask a question", usageHint: "[question]"),
                Command(
                    name: "/omni-tool", requiredRole: "power_user", description: "Call one tool",
                    usageHint: "[server] [tool] [key=value …]"),
                Command(name: "/omni-status", description: "Show how Omni and its servers are", usageHint: ""),
                Command(name: "/omni-history", description: "Show your latest questions", usageHint: "[number]"),
                Command(name: "/omni-help", description: "Show what you may do", usageHint: "[topic]"),
                Command(
                    name: "/omni-admin", requiredRole: Role.admin, description: "Administer Omni",
                    usageHint: "[action]"),
            ].map { ($0.name, $0) })
    }

    struct Behavior: Sendable, Hashable {
        enum Style: String, Sendable, Hashable, CaseIterable { case conversational, technical, minimal }

        var style = Style.conversational
        /// What the thread shows until the first progress.
        var acknowledgement = "🤔 Thinking..."
        /// After this time the thread says that work goes on.
        var queryTimeout: Duration = .seconds(30)
        var includesErrorID = true
    }

    struct AllowedChannels: Sendable, Hashable {
        enum Mode: String, Sendable, Hashable, CaseIterable { case any, whitelist, blacklist }

        var mode = Mode.any
        /// Ids, or names without `#`.
        var whitelist: [String] = []
        var blacklist: [String] = []
        var allowsDirectMessages = true
        var allowsPrivateChannels = true

        /// Whether Omni may answer in a channel; direct messages have their own switch.
        ///
        /// - Parameters:
        ///   - name: nil: not known, so that no name on the blacklist can be ruled out.
        ///   - formerNames: what the channel was called before; for the blacklist only, as they must open nothing.
        func allows(
            channel: String, name: String?, isDirect: Bool, isPrivate: Bool, formerNames: Set<String> = []
        ) -> Bool {
            if isDirect { return allowsDirectMessages }
            if isPrivate, !allowsPrivateChannels { return false }
            let names = [channel, name].compactMap { $0 }
            return switch mode {
            case .any: true
            case .whitelist: names.contains { whitelist.contains($0) }
            case .blacklist:
                !names.contains { blacklist.contains($0) } && formerNames.isDisjoint(with: blacklist)
                    && (name != nil || !blacklist.contains { ChannelRule.isName($0) })
            }
        }
    }

    struct Mentions: Sendable, Hashable {
        var respondsToMentions = true
        /// Whether a direct message without a command is a question.
        var respondsToDirectMessages = true
        /// Whether a message that starts with a trigger is a question, without a mention.
        var respondsToName = false
        /// Lower-cased.
        var nameTriggers = ["omni", "hey omni"]
    }

    /// What stands under an answer.
    struct Diagnostics: Sendable, Hashable {
        var isEnabled = true
        var showsToolCalls = true
        var showsIterations = true
        var showsTiming = true
        var showsTokens = false
        var showsCost = false
        /// nil: everybody sees it.
        var roles: [String]?

        func isShown(to role: String) -> Bool { isEnabled && (roles?.contains(role) ?? true) }
    }
}
