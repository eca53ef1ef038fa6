import Analytics
import Bridge

/// A claimed question from Slack with what is known of it so far.
struct ClaimedQuestion: Sendable {
    let claim: Claim
    /// The question as it was received from Slack.
    private(set) var incoming: SlackQuestion
    /// nil until ``PrincipalResolver`` has identified the user.
    var asker: Principal?
    /// nil while unknown, and when Slack does not return it.
    var channelName: String?
    /// Earlier names of the channel, as far as this process has seen them.
    var formerNames: Set<String> = []
    /// ts of the thread's root message; nil until a slash command's parent message is posted.
    private(set) var root: String?

    init(_ claim: Claim, _ incoming: SlackQuestion) {
        self.claim = claim
        self.incoming = incoming
        root = incoming.rootTS
    }

    /// The question as ``Bridge`` takes it. Until the asker is identified, the principal is a placeholder from the row.
    var question: Question {
        let row = claim.question
        let unidentified = Principal(
            email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("unidentified"))
        return Question(
            id: row.id, asker: asker ?? unidentified, text: row.text,
            place: Place(
                entryPoint: .slack, channel: incoming.channel, channelName: channelName,
                isDirect: incoming.isDirect, formerNames: formerNames),
            threadKey: root.map { SlackQuestion.threadKey(incoming.team, incoming.channel, root: $0) } ?? row.threadKey,
            beginsThread: incoming.threadTS == nil || incoming.threadTS == incoming.ts, kind: row.kind,
            askedAt: row.askedAt, quotes: incoming.shared,
            call: incoming.call)
    }

    /// Takes over what Slack tells of the channel (nil: nothing), its name and its earlier names.
    mutating func note(_ channel: SlackChannel?, named name: String?, before formerNames: Set<String>) {
        if channel?.isExternallyShared == true { incoming.isExternallyShared = true }
        (channelName, self.formerNames) = (name, formerNames)
    }

    /// The same question, with its thread's root unless it has one; nil leaves it without.
    func rooted(_ ts: String?) -> ClaimedQuestion {
        var copy = self
        copy.root = root ?? ts
        return copy
    }

    /// The same question, with the message that it is about, its files and the root of its thread.
    func asked(about message: QuotedMessage, with files: [SlackFile], in root: String) -> ClaimedQuestion {
        var copy = self
        copy.incoming.shared = [message]
        copy.incoming.files = files
        copy.incoming.threadTS = root
        copy.root = root
        return copy
    }

    /// Where the question came from, with the thread's root when it is known.
    var origin: QuestionOrigin {
        var origin = incoming.origin
        origin.threadTS = root ?? origin.threadTS
        return origin
    }

    /// A row of the outbox for this question. It goes into the thread, except a row of kind `ephemeral`, which only the
    /// asker sees.
    func post(_ kind: PostRow.Kind, part: Int, _ message: SlackMessage) -> PostRow {
        PostRow(
            question: claim.id, part: part, kind: kind, channel: incoming.channel, threadTS: root, body: message.json)
    }

    /// A row of the outbox for a file, which goes into the thread.
    func post(_ file: FilePost, part: Int) -> PostRow {
        var post = PostRow(question: claim.id, part: part, kind: .file, channel: incoming.channel, threadTS: root)
        post.body = file.named(after: post).json
        return post
    }
}

extension SlackQuestion {
    /// The question of a stored row; nil when it did not come from Slack.
    init?(_ row: QuestionRow) {
        guard let team = row.origin.team, let user = row.origin.userID, let channel = row.origin.channel else {
            return nil
        }
        let kind = row.context["way"]?.string.flatMap(Kind.init(rawValue:)) ?? .mention
        let isAboutMessage = kind == .reaction || kind == .shortcut
        self.init(
            kind: kind, originKey: row.originKey ?? "",
            team: team, user: user, channel: channel,
            channelName: SlackChannel.name(ofCommand: row.context["channel_name"]?.string), text: row.text,
            ts: isAboutMessage ? row.context["asked_ts"]?.string : row.origin.messageTS, threadTS: row.origin.threadTS,
            responseURL: row.context["response_url"]?.string.map(Secret.init),
            isExternallyShared: row.context["external"]?.bool ?? false,
            shared: (row.context["shared"]?.array ?? []).compactMap { QuotedMessage($0) },
            call: row.call, about: isAboutMessage ? row.origin.messageTS : nil,
            fixedAnswer: row.context["fixed_answer"]?.string, files: SlackFile.list(row.context["files"]),
            isTooLate: row.context["too_late"]?.bool ?? false)
    }
}
