import Bridge

/// A user has edited or deleted a message.
struct MessageChange: Sendable, Hashable {
    let team: String
    let channel: String
    /// The message, and the root of its thread; nil outside of threads.
    let ts: String
    let threadTS: String?
    /// The author.
    let user: String
    /// The new text as a question's, without the mention of the bot or Omni's name; nil: the message was deleted, or has
    /// no words any more.
    let text: String?
    /// ts of the event: that of another change is different.
    let eventTS: String

    /// Identifies the change: Slack may deliver it twice.
    var key: String { "\(keyPrefix)\(eventTS)" }

    /// How the keys of all changes of the message begin.
    var keyPrefix: String { "\(team):\(channel):\(ts):changed:" }

    /// The time of the change, in seconds.
    var version: Double { Double(eventTS) ?? 0 }

    /// See ``SlackQuestion/threadKey``.
    var threadKey: String { SlackQuestion.threadKey(team, channel, root: threadTS ?? ts) }

    /// nil for an event that is no such change, as when Slack adds the preview of a link, and for messages of bots.
    ///
    /// - Parameter event: the inner event `message` with the subtype `message_changed` or `message_deleted`.
    init?(_ event: JSONValue, team: String, bot: BotIdentity, mentions: SlackSettings.Mentions) {
        // A root with replies stays as a tombstone, and the event is message_changed.
        let isDeleted = event["subtype"] == "message_deleted" || event["message"]?["subtype"] == "tombstone"
        let before = event["previous_message"]
        guard let message = isDeleted ? before : event["message"], let channel = event["channel"]?.string,
            let ts = (event["deleted_ts"] ?? message["ts"])?.string, let time = event["ts"]?.string,
            let user = message["user"]?.string, user != bot.userID, message["bot_id"]?.string == nil
        else { return nil }
        let text = isDeleted ? nil : message["text"]?.string
        guard isDeleted || text != before?["text"]?.string else { return nil }
        self.team = team
        self.channel = channel
        self.ts = ts
        threadTS = message["thread_ts"]?.string
        self.user = user
        self.text = text.flatMap { Self.question($0, bot, mentions) }
        eventTS = time
    }

    private static func question(_ text: String, _ bot: BotIdentity, _ mentions: SlackSettings.Mentions) -> String? {
        let words = SlackText.question(text, bot: bot.userID)
        let isMention = SlackText.mentions(in: text).contains("@\(bot.userID)")
        let called = isMention || !mentions.respondsToName ? nil : SlackText.afterName(mentions.nameTriggers, in: words)
        let question = called ?? words
        return question.isEmpty || ThreadCommand(question) != nil ? nil : question
    }
}
