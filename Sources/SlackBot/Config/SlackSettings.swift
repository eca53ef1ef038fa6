import Bridge

/// slack.yaml decoded, with the tokens of the environment.
struct SlackSettings: Sendable, Hashable {
    /// `xoxb-…`; nil: not configured.
    var botToken: Secret?
    /// `xapp-…`; nil: not configured.
    var appToken: Secret?
    /// Ends with a slash.
    var apiURL = "https://slack.com/api/"
    /// `bot_name`: how Omni speaks of itself, in its own texts and to the model.
    var botName = "Omni"
    /// The team to which the Slack ids of users.yaml belong; nil: any.
    var workspaceID: String?
    /// By name, which includes the slash.
    var commands = Command.defaults
    var behavior = Behavior()
    var allowedChannels = AllowedChannels()
    /// `channels.admin_alerts`: the channel that ``AdminAlertService`` posts to, by id or `#name`; nil: none.
    var adminChannel: String?
    var mentions = Mentions()
    var autoResponses = AutoResponses()
    var diagnostics = Diagnostics()
    var userInfo = UserInfoSettings()
    var templates = MessageTemplates()
    /// `interactive.use_buttons`: whether an answer has buttons for feedback, a repetition, its details and its
    /// continuation, and a progress message one to stop.
    var usesButtons = true
    var formatting = Formatting()
    var digest = DigestSettings()

    /// Whether answers are streamed where Slack allows it: a stream shows the model's text as it is, in blocks.
    var streamsAnswers: Bool { behavior.isStreaming && formatting.usesBlocks && templates.success == nil }

    /// A slash command.
    struct Command: Sendable, Hashable {
        let name: String
        var isEnabled = true
        /// The lowest role, by rank, that may use it; nil: all.
        var requiredRole: String?
        var description: String
        /// `[question]`.
        var usageHint: String
        /// What the help shows as examples.
        var examples: [String] = []

        /// The command with its hint. The original's hints begin with the command.
        var usage: String {
            let hint = usageHint.hasPrefix(name) ? usageHint.dropFirst(name.count) : usageHint[...]
            return "\(name) \(hint.trimmingSpace)".trimmingSpace
        }

        /// The hint without the command.
        var hint: String { usage.dropFirst(name.count).trimmingSpace }

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
                    usageHint: "[list-users | promote-user | disable-user | view-logs | reload-config …]"),
            ].map { ($0.name, $0) })
    }

    /// How answers speak.
    var voice: AnswerVoice {
        var voice = AnswerVoice()
        voice.name = botName
        voice.style = behavior.style
        voice.usesEmoji = behavior.usesEmoji
        return voice
    }

    /// `behavior` of slack.yaml.
    struct Behavior: Sendable, Hashable {
        /// `response_style`: the tone of answers.
        var style = AnswerVoice.Style.conversational
        /// `use_emoji`: whether Omni's own texts have emoji, and the model may write them.
        var usesEmoji = true
        /// `immediate_ack`: false: the thread is silent until the answer or `queryTimeout`.
        var acknowledgesAtOnce = true
        /// `ack_message`: the text of the progress message until the first progress.
        var acknowledgement = Self.defaultAcknowledgement
        static let defaultAcknowledgement = "🤔 Thinking..."
        /// `ack_message`, if it is another than the default.
        var ownAcknowledgement: String? { acknowledgement == Self.defaultAcknowledgement ? nil : acknowledgement }
        /// `query_timeout_seconds`: after this time the progress message, or a card, says that work continues.
        var queryTimeout: Duration = .seconds(30)
        /// `timeout_message`: what it then says, in mrkdwn.
        var timeoutMessage = UserMessages.late
        /// `streaming`: whether an answer is streamed where Slack allows it, instead of edits of a progress message.
        var isStreaming = true
        /// Whether the message of a failure shows the id under which the error is logged.
        var includesErrorID = true
    }

    /// `allowed_channels` of slack.yaml: where Omni may answer.
    struct AllowedChannels: Sendable, Hashable {
        /// Which list applies.
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
        ///   - name: nil when unknown; then a blacklist with names denies the channel.
        ///   - formerNames: earlier names of the channel; for the blacklist only, so that they allow nothing.
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

    /// `mentions` of slack.yaml: which messages are questions.
    struct Mentions: Sendable, Hashable {
        var respondsToMentions = true
        /// Whether a direct message without a command is a question.
        var respondsToDirectMessages = true
        /// The command that a direct message without one stands for: `/omni`, `/omni-help` or `/omni-status`.
        var directCommand = DirectCommand.ask
        /// Whether a message that starts with a trigger is a question, without a mention.
        var respondsToName = false
        /// Lower-cased.
        var nameTriggers = ["omni", "hey omni"]
        var reactions = ReactionTriggers()
    }

    /// `mentions.dm_default_command`.
    enum DirectCommand: String, Sendable, Hashable, CaseIterable {
        case ask = "/omni"
        case help = "/omni-help"
        case status = "/omni-status"
    }

    /// `diagnostic_info` of slack.yaml: what is shown below an answer.
    struct Diagnostics: Sendable, Hashable {
        var isEnabled = true
        var showsToolCalls = true
        var showsIterations = true
        var showsTiming = true
        var showsTokens = false
        var showsCost = false
        /// Whether the servers of the calls are named.
        var showsServers = false
        /// `format: detailed`: one line for each figure, and each call with its time.
        var isDetailed = false
        var places = ShownPlaces()
        /// The roles that see it; nil: all.
        var roles: [String]?

        func isShown(to role: String) -> Bool { isEnabled && (roles?.contains(role) ?? true) }
    }
}
