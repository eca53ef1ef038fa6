import Bridge

/// The state of the workspace. Changed only under ``Workspace``'s lock, by functions that do not suspend. A change
/// appends the app's events to `outgoing`.
struct WorkspaceState: Sendable {
    let options: EmulatorOptions
    /// `http://127.0.0.1:PORT`, once the server listens.
    var baseURL = ""
    /// The users, the bot included.
    var people: [WorkspaceUser]
    var channels: [ChannelState]
    /// All messages of all channels by ts, ephemeral ones included.
    var messages: [EmulatedMessage] = []
    var responseURLs: [String: ResponseURL] = [:]
    var triggers: [String: Trigger] = [:]
    /// Open modals, the topmost last.
    var modals: [OpenModal] = []
    /// The published Home of each user, by user id.
    var homes: [String: JSONValue] = [:]
    var uploads: [String: Upload] = [:]
    /// The status lines, by `channel:thread_ts`; some may have expired.
    var statuses: [String: ThreadStatus] = [:]
    /// The sessions and titles of threads, by `channel:thread_ts`.
    var sessions: [String: AgentSession] = [:]
    var titles: [String: String] = [:]
    /// The suggested prompts (`title`, `message`) of direct messages, by channel.
    var prompts: [String: [JSONValue]] = [:]
    /// Open streams, by `channel:ts`.
    var streams: [String: OpenStream] = [:]
    /// Streams that a user stopped, by `channel:ts`.
    var stoppedStreams: Set<String> = []
    /// Events that are not yet passed to the gateway.
    var outgoing: [JSONValue] = []
    /// The error messages that Slack itself showed to users.
    var notices: [Notice] = []
    var limits = RateLimits()
    private var lastTS: (seconds: Int, micros: Int) = (0, 0)
    private var lastNumber = 0

    init(options: EmulatorOptions) {
        self.options = options
        people = options.people + [options.bot]
        let members = options.people.filter { !$0.deleted && !$0.isStranger }.map(\.id)
        channels = options.channels.map { channel in
            ChannelState(
                id: channel.id, name: channel.name, kind: channel.isPrivate ? .group : .channel,
                members: members + (channel.hasBot ? [options.bot.id] : []), isArchived: channel.isArchived,
                isExternallyShared: channel.isExternallyShared, topic: channel.topic, posting: channel.posting)
        }
        channels += options.people.filter { !$0.deleted && !$0.isBot && !$0.isStranger }.map { person in
            ChannelState(
                id: Self.directID(person.id), name: person.name, kind: .im, members: [person.id, options.bot.id])
        }
    }

    /// The id of the DM between the app and a user.
    static func directID(_ user: String) -> String { "D0" + user.dropFirst(2) }

    /// A new ts: the current time, or one microsecond after the last ts if that is later.
    mutating func nextTS() -> String {
        let now = WallClock.now
        if now <= lastTS {
            lastTS = lastTS.micros >= 999_999 ? (lastTS.seconds + 1, 0) : (lastTS.seconds, lastTS.micros + 1)
        } else {
            lastTS = now
        }
        return Self.ts(lastTS)
    }

    static func ts(_ time: (seconds: Int, micros: Int)) -> String {
        let micros = String(time.micros)
        return "\(time.seconds)." + String(repeating: "0", count: 6 - micros.count) + micros
    }

    /// A number that is unique in the workspace.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// A user by id, handle or `@handle`.
    func person(_ reference: String) -> WorkspaceUser? {
        let name = reference.hasPrefix("@") ? String(reference.dropFirst()) : reference
        return people.first { $0.id == name || $0.name == name }
    }

    /// A channel by id, by name with or without `#`, or by `@name` for the app's DM with that user.
    func channel(_ reference: String) -> ChannelState? {
        if reference.hasPrefix("@") {
            guard let person = person(reference) else { return nil }
            return channels.first { $0.id == Self.directID(person.id) }
        }
        let name = reference.hasPrefix("#") ? String(reference.dropFirst()) : reference
        return channels.first { $0.id == name || ($0.kind != .im && $0.name == name) }
    }

    /// Whether the id is that of this workspace or of one that a user is in.
    func knowsTeam(_ id: String) -> Bool {
        let own = options.teamID
        return id == own
            || people.contains { $0.teamID(own: own) == id || ($0.enterpriseTeams ?? []).contains(id) }
    }

    func index(channel: String, ts: String) -> Int? {
        messages.lastIndex { $0.ts == ts && $0.channel == channel }
    }

    func message(channel: String, ts: String) -> EmulatedMessage? {
        index(channel: channel, ts: ts).map { messages[$0] }
    }

    /// The replies of a thread, oldest first, without its root and without ephemeral messages.
    func replies(channel: String, ts: String) -> [EmulatedMessage] {
        messages.filter { $0.channel == channel && $0.threadTS == ts && $0.ts != ts && !$0.isEphemeral }
    }
}

/// A channel or DM and its members.
struct ChannelState: Sendable {
    /// Public channel, private channel (`group`) or DM with the app (`im`).
    enum Kind: String, Sendable { case channel, group, im }

    let id: String
    var name: String
    let kind: Kind
    var members: [String]
    var isArchived = false
    var isExternallyShared = false
    var topic = ""
    var posting = WorkspaceChannel.Posting.everything
}

/// A `response_url`: 5 uses in 30 minutes (docs.slack.dev, Handling user interaction).
struct ResponseURL: Sendable {
    let channel: String
    let user: String
    /// The command as the user entered it, which an `in_channel` response shows; nil for a button.
    let command: String?
    var hasShownCommand = false
    /// The ts of the message that `replace_original` replaces.
    var original: String?
    let thread: String?
    /// Remaining uses.
    var uses = 5
    let expires: ContinuousClock.Instant
}

/// A `trigger_id`: valid once, for ``SlackTimeouts/trigger``.
struct Trigger: Sendable {
    let user: String
    let expires: ContinuousClock.Instant
    var isUsed = false
}

/// An open modal of one user.
struct OpenModal: Sendable {
    let id: String
    let user: String
    var view: JSONValue
}

/// A file upload: requested, filled (`bytes`), completed.
struct Upload: Sendable {
    let name: String
    let length: Int
    /// The alternative text of an image (`alt_txt`).
    let altText: String?
    var bytes: [UInt8]?
    var isComplete = false
    var title: String?
    /// The id of the user who attached it; nil for a file of the app.
    var user: String?
    /// See ``UserFile/needsFileInfo``.
    var needsFileInfo = false

    /// The format that the content begins like; nil for anything but an image.
    var image: ImageFormat? { bytes.flatMap { ImageFormat($0) } }
}

/// A message that Slack itself shows to one user, such as `operation_timeout`.
package struct Notice: Sendable, Hashable {
    /// Its time and its position among the channel's messages.
    package let ts: String
    /// The id of the user who sees it.
    package let user: String
    /// The id of the channel in which it is shown.
    package let channel: String
    /// The thread of the button that failed; nil outside threads.
    package let thread: String?
    /// The text, as Slackbot shows it.
    package let text: String
}
