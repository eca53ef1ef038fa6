import Bridge

/// What a Socket Mode envelope means to Omni.
enum DecodedEnvelope: Sendable {
    case question(SlackQuestion)
    /// A message in a channel outside of a thread, without a mention: a question if it calls Omni by name.
    case remark(SlackQuestion)
    /// A message in a thread of a channel, without a mention; ``FollowUpFilter`` decides whether it is for Omni.
    case unaddressed(UnaddressedMessage)
    case command(SlackCommand)
    /// A `user_change` event: cached data of this user is out of date.
    case userChanged(user: String, team: String)
    /// Acknowledged and dropped, with the reason for the log.
    case ignored(String)

    /// Reads an envelope. Pure: makes no call.
    ///
    /// - Parameter mentions: which messages are questions.
    init(_ envelope: Envelope, bot: BotIdentity, mentions: SlackSettings.Mentions = SlackSettings.Mentions()) {
        switch envelope.type {
        case "events_api": self = Self.event(envelope.payload, bot).filtered(by: mentions)
        case "slash_commands": self = Self.command(envelope.payload)
        default: self = .ignored("type \(envelope.type)")
        }
    }
}

extension DecodedEnvelope {
    private static func event(_ payload: JSONValue, _ bot: BotIdentity) -> DecodedEnvelope {
        // `app_rate_limited` and others come without an inner event.
        guard let event = payload["event"], event.object != nil else {
            return .ignored("event without content: \(payload["type"]?.string ?? "unknown")")
        }
        let type = event["type"]?.string ?? ""
        if type == "user_change", let user = event["user"]?["id"]?.string {
            return .userChanged(user: user, team: Self.team(payload, bot))
        }
        guard type == "app_mention" || type == "message" else { return .ignored("event \(type)") }
        if let subtype = event["subtype"]?.string, subtype != "file_share", subtype != "thread_broadcast" {
            return .ignored("message \(subtype)")
        }
        guard let user = event["user"]?.string, let channel = event["channel"]?.string,
            let ts = event["ts"]?.string
        else { return .ignored("message without user, channel or ts") }
        if user == bot.userID || event["bot_id"]?.string != nil { return .ignored("message of a bot") }
        let isDirect = event["channel_type"]?.string == "im"
        if type == "app_mention", isDirect { return .ignored("mention in a DM") }
        let team = Self.team(payload, bot)
        let shared = SharedMessages.quotes(in: event)
        let text = SlackText.question(event["text"]?.string ?? "", bot: bot.userID)
        let isUnaddressed = type == "message" && !isDirect
        let question = SlackQuestion(
            kind: isUnaddressed ? .followUp : isDirect ? .direct : .mention, originKey: "\(team):\(channel):\(ts)",
            team: team, user: user, channel: channel, channelName: nil,
            text: text.isEmpty && !shared.isEmpty ? UserMessages.forwardedAlone : text, ts: ts,
            threadTS: event["thread_ts"]?.string, responseURL: nil,
            isExternallyShared: payload["is_ext_shared_channel"]?.bool ?? false, shared: shared)
        return isUnaddressed ? unaddressed(event, question, bot) : .question(question)
    }

    /// The workspace through which the app receives the event; in a shared channel or an organisation the sender's may
    /// be another.
    private static func team(_ payload: JSONValue, _ bot: BotIdentity) -> String {
        payload["context_team_id"]?.string ?? payload["team_id"]?.string ?? bot.teamID
    }

    /// A message in a channel. Slack sends one that mentions the bot as `app_mention` too; that event is the question.
    private static func unaddressed(_ event: JSONValue, _ question: SlackQuestion, _ bot: BotIdentity)
        -> DecodedEnvelope
    {
        let text = event["text"]?.string ?? ""
        let names = SlackText.mentions(in: text)
        if names.contains("@\(bot.userID)") { return .ignored("message beside its mention") }
        guard let root = question.threadTS, root != question.ts else { return .remark(question) }
        let hasWords = SlackText.hasWords(text)
        let isOrdinary = event["subtype"]?.string == nil
        return .unaddressed(
            UnaddressedMessage(
                question: question, mayBeForOmni: isOrdinary && hasWords && names.isEmpty,
                isTalk: hasWords || !names.isEmpty || !isOrdinary))
    }

    /// What `mentions` of slack.yaml makes of an event.
    private func filtered(by mentions: SlackSettings.Mentions) -> DecodedEnvelope {
        switch self {
        case .question(let question) where question.kind == .mention && !mentions.respondsToMentions:
            return .ignored("mentions are switched off")
        case .question(let question) where question.kind == .direct:
            guard mentions.respondsToDirectMessages else { return .ignored("direct messages are switched off") }
            guard let name = mentions.directCommand.name else { return self }
            return .command(SlackCommand(name, of: question))
        case .remark(let question):
            return question.called(by: mentions).map(DecodedEnvelope.question) ?? .ignored("message in a channel")
        case .unaddressed(let message):
            return message.question.called(by: mentions).map(DecodedEnvelope.question) ?? self
        default: return self
        }
    }

    private static func command(_ payload: JSONValue) -> DecodedEnvelope {
        guard let command = payload["command"]?.string, let trigger = payload["trigger_id"]?.string,
            let user = payload["user_id"]?.string, let channel = payload["channel_id"]?.string,
            let team = payload["team_id"]?.string, let url = payload["response_url"]?.string
        else { return .ignored("command without its fields") }
        let text = SlackText.plain(payload["text"]?.string ?? "").trimmingSpace
        let name = SlackCommand.Name(rawValue: command)
        if command == "/omni", !text.isEmpty, text != "help" {
            return .question(
                SlackQuestion(
                    kind: .command, originKey: trigger, team: team, user: user, channel: channel,
                    channelName: SlackChannel.name(ofCommand: payload["channel_name"]?.string), text: text, ts: nil,
                    threadTS: nil, responseURL: Secret(url), isExternallyShared: false))
        }
        guard let name = command == "/omni" ? .help : name else { return .ignored("command \(command)") }
        return .command(
            SlackCommand(
                name: name, team: team, user: user, channel: channel, text: text, triggerID: trigger,
                responseURL: Secret(url)))
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
        return SlackQuestion(
            kind: .mention, originKey: originKey, team: team, user: user, channel: channel, channelName: channelName,
            text: rest, ts: ts, threadTS: threadTS, responseURL: nil, isExternallyShared: isExternallyShared)
    }
}
