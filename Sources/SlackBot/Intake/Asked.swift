import Analytics
import Bridge

/// A claimed question of Slack on its way, as far as it is known.
struct Asked: Sendable {
    let claim: Claim
    let incoming: SlackQuestion
    var asker: Principal?
    var channelName: String?
    /// The root of the thread that holds the answer; nil until a slash command's parent is posted.
    var root: String?

    init(_ claim: Claim, _ incoming: SlackQuestion) {
        self.claim = claim
        self.incoming = incoming
        root = incoming.rootTS
    }

    var question: Question {
        let row = claim.question
        let nobody = Principal(
            email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("unidentified"))
        let thread = root.map { "\(incoming.team):\(incoming.channel):\($0)" } ?? row.threadKey
        return Question(
            id: row.id, asker: asker ?? nobody, text: row.text,
            place: Place(
                door: .slack, channel: incoming.channel, channelName: channelName,
                isDirect: incoming.way == .direct || incoming.channel.hasPrefix("D")),
            threadKey: thread, kind: row.kind, askedAt: row.askedAt)
    }

    var origin: Origin {
        var origin = incoming.origin
        origin.threadTS = root ?? origin.threadTS
        return origin
    }

    /// A message of the outbox: in the thread, or seen by the asker alone.
    func post(_ kind: PostRow.Kind, part: Int, _ message: SlackMessage) -> PostRow {
        PostRow(
            question: claim.id, part: part, kind: kind, channel: incoming.channel, threadTS: root, body: message.json)
    }
}

extension SlackQuestion {
    /// The question as it was stored; nil when it did not come from Slack.
    init?(_ row: QuestionRow) {
        guard let team = row.origin.team, let user = row.origin.userID, let channel = row.origin.channel else {
            return nil
        }
        self.init(
            way: row.context["way"]?.string.flatMap(Way.init(rawValue:)) ?? .mention, originKey: row.originKey ?? "",
            team: team, user: user, channel: channel, channelName: row.context["channel_name"]?.string, text: row.text,
            ts: row.origin.messageTS, threadTS: row.origin.threadTS,
            responseURL: row.context["response_url"]?.string.map(Secret.init),
            isExternallyShared: row.context["external"]?.bool ?? false)
    }
}
