import Bridge

/// What a message or mention means to Omni.
enum DecodedMessage: Sendable {
    case question(SlackQuestion)
    /// A message in a channel outside of a thread, without a mention or Omni's name; ``AutoResponses`` may answer it.
    case remark(SlackQuestion)
    /// A message in a thread of a channel, without a mention; ``FollowUpFilter`` decides whether it is for Omni.
    case unaddressed(UnaddressedMessage)
    /// A direct message that stands for a command.
    case command(SlackCommand)
    /// A message that is a command for threads. One without a mention (``SlackQuestion/Kind/followUp``) is for Omni only
    /// where Omni takes part.
    case threadCommand(ThreadCommand, SlackQuestion)
    /// A user has edited or deleted a message.
    case changed(MessageChange)
    /// Acknowledged and dropped, with the reason for the log.
    case ignored(String)

    /// Reads the payload of an envelope of the Events API. Pure: makes no call.
    ///
    /// - Parameter mentions: which messages are questions.
    init(_ payload: JSONValue, bot: BotIdentity, mentions: SlackSettings.Mentions = SlackSettings.Mentions()) {
        self = Self.event(payload, bot, mentions).filtered(by: mentions).withThreadCommand
    }
}

extension DecodedMessage {
    private static func event(
        _ payload: JSONValue, _ bot: BotIdentity, _ mentions: SlackSettings.Mentions
    ) -> DecodedMessage {
        // `app_rate_limited` and others come without an inner event.
        guard let event = payload["event"], event.object != nil else {
            return .ignored("event without content: \(payload["type"]?.string ?? "unknown")")
        }
        let type = event["type"]?.string ?? ""
        guard type == "app_mention" || type == "message" else { return .ignored("event \(type)") }
        if ["message_changed", "message_deleted"].contains(event["subtype"]?.string) {
            let change = MessageChange(event, team: bot.team(of: payload), bot: bot, mentions: mentions)
            return change.map(DecodedMessage.changed) ?? .ignored("change of a message")
        }
        if let subtype = event["subtype"]?.string, subtype != "file_share", subtype != "thread_broadcast" {
            return .ignored("message \(subtype)")
        }
        guard let user = event["user"]?.string, let channel = event["channel"]?.string,
            let ts = event["ts"]?.string
        else { return .ignored("message without user, channel or ts") }
        if user == bot.userID || event["bot_id"]?.string != nil { return .ignored("message of a bot") }
        let isDirect = event["channel_type"]?.string == "im"
        if type == "app_mention", isDirect { return .ignored("mention in a DM") }
        let team = bot.team(of: payload)
        let shared = SharedMessages.quotes(in: event)
        let files = SlackFile.all(in: event)
        let words = SlackText.question(event["text"]?.string ?? "", bot: bot.userID)
        let isUnaddressed = type == "message" && !isDirect
        let question = SlackQuestion(
            kind: isUnaddressed ? .followUp : isDirect ? .direct : .mention, originKey: "\(team):\(channel):\(ts)",
            team: team, user: user, channel: channel, channelName: nil,
            text: words.isEmpty ? substitute(shared, files) : words, ts: ts,
            threadTS: event["thread_ts"]?.string, responseURL: nil,
            isExternallyShared: payload["is_ext_shared_channel"]?.bool ?? false, shared: shared,
            files: files)
        return isUnaddressed ? unaddressed(event, question, bot) : .question(question)
    }

    /// The text of a question without words; empty when nothing else is in it.
    fileprivate static func substitute(_ shared: [QuotedMessage], _ files: [SlackFile]) -> String {
        if !shared.isEmpty { return UserMessages.forwardedAlone }
        return files.isEmpty ? "" : UserMessages.attachedAlone
    }

    /// A message in a channel. Slack sends one that mentions the bot as `app_mention` too; that event is the question.
    private static func unaddressed(_ event: JSONValue, _ question: SlackQuestion, _ bot: BotIdentity)
        -> DecodedMessage
    {
        let text = event["text"]?.string ?? ""
        let names = SlackText.mentions(in: text)
        if names.contains("@\(bot.userID)") { return .ignored("message beside its mention") }
        guard let root = question.threadTS, root != question.ts else { return .remark(question) }
        let hasWords = SlackText.hasWords(text)
        let subtype = event["subtype"]?.string
        let isOrdinary = subtype == nil || subtype == "file_share"
        let isFilesAlone = text.trimmingSpace.isEmpty && question.files.contains { $0.author == nil }
        return .unaddressed(
            UnaddressedMessage(
                question: question, mayBeForOmni: isOrdinary && (hasWords || isFilesAlone) && names.isEmpty,
                isTalk: hasWords || !names.isEmpty || subtype != nil))
    }

    /// What `mentions` of slack.yaml makes of an event.
    private func filtered(by mentions: SlackSettings.Mentions) -> DecodedMessage {
        switch self {
        case .question(let question) where question.kind == .mention && !mentions.respondsToMentions:
            return .ignored("mentions are switched off")
        case .question(let question) where question.kind == .direct:
            if ThreadCommand(question.text) != nil { return self }
            guard mentions.respondsToDirectMessages else { return .ignored("direct messages are switched off") }
            guard let name = mentions.directCommand.name else { return self }
            return .command(SlackCommand(name, of: question))
        case .remark(let question):
            return question.called(by: mentions).map(DecodedMessage.question) ?? self
        case .unaddressed(let message):
            return message.question.called(by: mentions).map(DecodedMessage.question) ?? self
        default: return self
        }
    }

    /// The same message; as a command if its text is one.
    private var withThreadCommand: DecodedMessage {
        let message: SlackQuestion
        switch self {
        case .question(let question): message = question
        case .unaddressed(let unaddressed): message = unaddressed.question
        case .remark, .command, .threadCommand, .changed, .ignored: return self
        }
        return ThreadCommand(message.text).map { .threadCommand($0, message) } ?? self
    }
}

extension BotIdentity {
    /// The workspace through which the app receives an event; in a shared channel or an organisation the sender's may
    /// be another.
    func team(of payload: JSONValue) -> String {
        payload["context_team_id"]?.string ?? payload["team_id"]?.string ?? teamID
    }
}

extension SlackSettings.DirectCommand {
    /// The command; nil for a question.
    fileprivate var name: SlackCommand.Name? {
        switch self {
        case .ask: nil
        case .help: .help
        case .status: .status
        }
    }
}

extension SlackQuestion {
    /// The same message as a question to Omni, without the trigger, if it begins with one of the configured names; else
    /// nil.
    fileprivate func called(by mentions: SlackSettings.Mentions) -> SlackQuestion? {
        guard mentions.respondsToName, let rest = SlackText.afterName(mentions.nameTriggers, in: text) else {
            return nil
        }
        var question = self
        question.kind = .mention
        question.text = rest.isEmpty ? DecodedMessage.substitute(shared, files) : rest
        return question
    }
}
