import Analytics
import Bridge

/// A claimed question of Slack on its way, as far as it is known.
struct ClaimedQuestion: Sendable {
    let claim: Claim
    let incoming: SlackQuestion
    let asker: Principal?
    let channelName: String?
    /// What the channel was called before.
    let formerNames: Set<String>
    /// The root of the thread that holds the answer; nil until a slash command's parent is posted.
    let root: String?
    let question: Question

    init(_ claim: Claim, _ incoming: SlackQuestion) {
        self.init(claim, incoming, asker: nil, channelName: nil, formerNames: [], root: incoming.rootTS)
    }

    private init(
        _ claim: Claim, _ incoming: SlackQuestion, asker: Principal?, channelName: String?, formerNames: Set<String>,
        root: String?
    ) {
        self.claim = claim
        self.incoming = incoming
        self.asker = asker
        self.channelName = channelName
        self.formerNames = formerNames
        self.root = root
        let row = claim.question
        let unidentified = Principal(
            email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("unidentified"))
        question = Question(
            id: row.id, asker: asker ?? unidentified, text: row.text,
            place: Place(
                entryPoint: .slack, channel: incoming.channel, channelName: channelName,
                isDirect: incoming.kind == .direct || incoming.channel.hasPrefix("D"), formerNames: formerNames),
            threadKey: root.map { "\(incoming.team):\(incoming.channel):\($0)" } ?? row.threadKey,
            beginsThread: incoming.threadTS == nil, kind: row.kind, askedAt: row.askedAt)
    }

    /// The same, by a person who is known now.
    func asked(by asker: Principal) -> ClaimedQuestion {
        ClaimedQuestion(claim, incoming, asker: asker, channelName: channelName, formerNames: formerNames, root: root)
    }

    /// The same, in a channel of which the name is known now; nil leaves it unknown.
    func asked(inChannel name: String?, before formerNames: Set<String>) -> ClaimedQuestion {
        ClaimedQuestion(claim, incoming, asker: asker, channelName: name, formerNames: formerNames, root: root)
    }

    /// The same, with its thread; nil leaves the root as it is.
    func rooted(_ ts: String?) -> ClaimedQuestion {
        guard let ts, ts != root else { return self }
        return ClaimedQuestion(
            claim, incoming, asker: asker, channelName: channelName, formerNames: formerNames, root: ts)
    }

    var origin: QuestionOrigin {
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
            kind: row.context["way"]?.string.flatMap(Kind.init(rawValue:)) ?? .mention, originKey: row.originKey ?? "",
            team: team, user: user, channel: channel,
            channelName: SlackChannel.name(ofCommand: row.context["channel_name"]?.string), text: row.text,
            ts: row.origin.messageTS, threadTS: row.origin.threadTS,
            responseURL: row.context["response_url"]?.string.map(Secret.init),
            isExternallyShared: row.context["external"]?.bool ?? false)
    }
}
