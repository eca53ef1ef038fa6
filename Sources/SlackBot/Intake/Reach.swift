import Analytics
import Bridge
import Foundation

/// How far a back-fill goes (decisions, section 1).
struct BackfillLimits: Sendable {
    /// Older messages are left alone.
    var reach = Duration.seconds(15 * 60)
    /// Read besides the gap: Slack's clock is not ours.
    var overlap = Duration.seconds(30)
    /// How long ago somebody asked where it is read.
    var activity = Duration.seconds(24 * 3600)
    /// Questions that are taken up after one gap.
    var questions = 50
    /// Conversations and threads that are read after one gap, at most 50 a minute by Slack's limits.
    var places = 200
    /// The waits before what could not be read is tried again.
    var repeats: [Duration] = [.seconds(5), .seconds(30), .seconds(60)]

    /// From when on messages are read for a gap.
    func oldest(of gap: Gap, now: Date) -> Date {
        max(gap.since.addingTimeInterval(-(overlap / .seconds(1))), earliest(now))
    }

    /// What is older is left alone.
    func earliest(_ now: Date) -> Date { now.addingTimeInterval(-(reach / .seconds(1))) }

    /// A time as Slack writes it: seconds, a point and six digits.
    static func ts(_ time: Date) -> String {
        let micros = Int64((max(0, time.timeIntervalSince1970) * 1_000_000).rounded())
        let fraction = String(micros % 1_000_000)
        return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}

/// A conversation or a thread of one that is read back.
struct ReadingPlace: Sendable, Hashable {
    let channel: String
    /// The thread's root; nil for the conversation itself.
    var thread: String?
    var isDirect: Bool

    /// What to read, the most promising first: where somebody asked lately, then the other direct messages.
    static func all(_ engagements: [Engagement], directs: [String]) -> [ReadingPlace] {
        var places: [ReadingPlace] = []
        var seen: Set<ReadingPlace> = []
        func add(_ place: ReadingPlace) { if seen.insert(place).inserted { places.append(place) } }
        for engagement in engagements {
            let isDirect = engagement.isDirect || engagement.channel.hasPrefix("D")
            add(ReadingPlace(channel: engagement.channel, isDirect: isDirect))
            // The key of a thread ends with its root; that of a command without a thread does not (see SlackQuestion).
            let root = engagement.threadKey.split(separator: ":").last.map(String.init) ?? ""
            if root.contains("."), Double(root) != nil {
                add(ReadingPlace(channel: engagement.channel, thread: root, isDirect: isDirect))
            }
        }
        for direct in directs { add(ReadingPlace(channel: direct, isDirect: true)) }
        return places
    }

    /// The threads among messages of a history in which somebody wrote after `oldest`.
    func threads(in messages: [JSONValue], after oldest: String) -> [ReadingPlace] {
        guard thread == nil, let start = Double(oldest) else { return [] }
        return messages.compactMap { message in
            guard let ts = message["ts"]?.string, let latest = message["latest_reply"]?.string.flatMap(Double.init),
                latest > start
            else { return nil }
            return ReadingPlace(channel: channel, thread: ts, isDirect: isDirect)
        }
    }

    /// What a message of this place asks, judged as the event would have been; nil when it asks nothing.
    func question(_ message: JSONValue, bot: BotIdentity) -> SlackQuestion? {
        guard var event = message.object else { return nil }
        event["channel"] = .string(channel)
        if isDirect {
            event["channel_type"] = "im"
        } else {
            // A history holds the message where the event was the mention.
            guard let text = event["text"]?.string, SlackText.mentions(in: text).contains("@\(bot.userID)") else {
                return nil
            }
            event["type"] = "app_mention"
        }
        let frame: JSONValue = [
            "envelope_id": "history", "type": "events_api",
            "payload": ["type": "event_callback", "team_id": .string(bot.teamID), "event": .object(event)],
        ]
        guard let envelope = Envelope(frame), case .question(let question) = Incoming(envelope, bot: bot) else {
            return nil
        }
        return question
    }
}

/// The questions of a gap in the order in which they were asked, each once.
struct FoundQuestions: Sendable {
    private var byKey: [String: SlackQuestion] = [:]
    /// Of the bot's own messages: another process may have a question that the record does not know yet.
    private var answered: [ULID] = []

    mutating func add(_ question: SlackQuestion, notBefore earliest: Date) {
        guard let sentAt = question.sentAt, sentAt >= earliest else { return }
        byKey[question.originKey] = question
    }

    mutating func add(answered id: ULID) { answered.append(id) }

    var keys: [String] { Array(byKey.keys) }

    /// Those that are neither known nor answered: the oldest, at most so many, and how many are left.
    func fresh(known: Set<String>, atMost limit: Int) -> (taken: [SlackQuestion], left: Int) {
        let fresh = byKey.values.filter { !known.contains($0.originKey) && !isAnswered($0) }.sorted { first, second in
            let times = (first.sentAt ?? .distantPast, second.sentAt ?? .distantPast)
            return times.0 == times.1 ? (first.ts ?? "") < (second.ts ?? "") : times.0 < times.1
        }
        let taken = Array(fresh.prefix(max(0, limit)))
        return (taken, fresh.count - taken.count)
    }

    private func isAnswered(_ question: SlackQuestion) -> Bool {
        guard let id = question.newID else { return false }
        return answered.contains { $0.isOfSameMicrosecond(as: id) }
    }
}
