import Bridge

extension SlackQuestion {
    /// The question that a reaction asks; nil when it asks none: it is not configured, is no reaction to a message, or is
    /// the bot's own. The same reaction of the same user to the same message is the same question, also after it was
    /// removed. Its event tells neither the message's text nor its thread: they are read after the acknowledgement.
    ///
    /// - Parameter payload: of an envelope with the event `reaction_added`.
    init?(reaction payload: JSONValue, bot: BotIdentity, _ triggers: ReactionTriggers) {
        guard let event = payload["event"], let item = event["item"], item["type"]?.string == "message",
            let user = event["user"]?.string, user != bot.userID, let channel = item["channel"]?.string,
            let message = item["ts"]?.string, let name = event["reaction"]?.string, let text = triggers.question(name)
        else { return nil }
        self.init(
            kind: .reaction, originKey: "\(channel):\(message):\(user):\(name)", team: bot.team(of: payload),
            user: user, channel: channel, channelName: nil, text: text, ts: event["event_ts"]?.string,
            threadTS: message, responseURL: nil, isExternallyShared: payload["is_ext_shared_channel"]?.bool ?? false,
            about: message)
    }
}
