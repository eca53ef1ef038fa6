import Bridge

/// What a Socket Mode envelope means to Omni.
enum DecodedEnvelope: Sendable {
    case question(SlackQuestion)
    /// A message in a thread of a channel, without a mention; ``FollowUpFilter`` decides whether it is for Omni.
    case unaddressed(UnaddressedMessage)
    case command(SlackCommand)
    /// A `user_change` event: cached data of this user is out of date.
    case userChanged(user: String, team: String)
    /// Acknowledged and dropped, with the reason for the log.
    case ignored(String)

    /// Reads an envelope. Pure: makes no call.
    init(_ envelope: Envelope, bot: BotIdentity) {
        switch envelope.type {
        case "events_api": self = Self.event(envelope.payload, bot)
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
        guard let root = question.threadTS, root != question.ts else { return .ignored("message in a channel") }
        let text = event["text"]?.string ?? ""
        let names = SlackText.mentions(in: text)
        if names.contains("@\(bot.userID)") { return .ignored("message beside its mention") }
        let hasWords = SlackText.hasWords(text)
        let isOrdinary = event["subtype"]?.string == nil
        return .unaddressed(
            UnaddressedMessage(
                question: question, mayBeForOmni: isOrdinary && hasWords && names.isEmpty,
                isTalk: hasWords || !names.isEmpty || !isOrdinary))
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
