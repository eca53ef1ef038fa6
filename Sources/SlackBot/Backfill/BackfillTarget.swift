import Analytics
import Bridge
import Foundation

/// A conversation, or a thread of one, that a back-fill reads.
struct BackfillTarget: Sendable, Hashable {
    let channel: String
    /// ts of the thread's root; nil for the conversation itself.
    var thread: String?
    var isDirect: Bool

    /// The targets in reading order: the active threads with their conversations, then the other direct messages. Each
    /// once.
    static func all(_ activeThreads: [ActiveThread], directs: [String]) -> [BackfillTarget] {
        var places: [BackfillTarget] = []
        var seen: Set<BackfillTarget> = []
        func add(_ place: BackfillTarget) { if seen.insert(place).inserted { places.append(place) } }
        for activeThread in activeThreads {
            let isDirect = activeThread.isDirect || activeThread.channel.hasPrefix("D")
            add(BackfillTarget(channel: activeThread.channel, isDirect: isDirect))
            // A thread key ends with the ts of its root, except that of a command without a thread
            // (``SlackQuestion/threadKey``).
            let root = activeThread.threadKey.split(separator: ":").last.map(String.init) ?? ""
            if root.contains("."), Double(root) != nil {
                add(BackfillTarget(channel: activeThread.channel, thread: root, isDirect: isDirect))
            }
        }
        for direct in directs { add(BackfillTarget(channel: direct, isDirect: true)) }
        return places
    }

    /// The threads of a history's messages with a reply after `oldest`; none when this target is a thread.
    func threads(in messages: [JSONValue], after oldest: String) -> [BackfillTarget] {
        guard thread == nil, let start = Double(oldest) else { return [] }
        return messages.compactMap { message in
            guard let ts = message["ts"]?.string, let latest = message["latest_reply"]?.string.flatMap(Double.init),
                latest > start
            else { return nil }
            return BackfillTarget(channel: channel, thread: ts, isDirect: isDirect)
        }
    }

    /// The question of a message of this target, decoded as its event would be; nil when it is none.
    func question(
        _ message: JSONValue, bot: BotIdentity, mentions: SlackSettings.Mentions = SlackSettings.Mentions()
    ) -> SlackQuestion? {
        guard var event = message.object else { return nil }
        event["channel"] = .string(channel)
        if isDirect {
            event["channel_type"] = "im"
        } else {
            // A history has the message; the event of one that mentions the bot would be `app_mention`.
            let text = event["text"]?.string ?? ""
            let isMention = SlackText.mentions(in: text).contains("@\(bot.userID)")
            guard isMention || mentions.respondsToName else { return nil }
            event["type"] = isMention ? "app_mention" : "message"
        }
        let payload: JSONValue = [
            "type": "event_callback", "team_id": .string(bot.teamID), "event": .object(event),
        ]
        guard case .question(let question) = DecodedMessage(payload, bot: bot, mentions: mentions) else { return nil }
        return question
    }
}
