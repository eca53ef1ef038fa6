import Bridge

/// Everything that the workspace knows. Changed only under ``Workspace``'s lock, by functions that do not wait; what a
/// change means for the app is left in `outgoing`.
struct WorkspaceState: Sendable {
    let options: EmulatorOptions
    /// `http://127.0.0.1:PORT`, once the server listens.
    var baseURL = ""
    var people: [WorkspaceUser]
    var channels: [ChannelState]
    /// Every message of every channel by ts, ephemeral ones too.
    var messages: [EmulatedMessage] = []
    var responseURLs: [String: ResponseURL] = [:]
    var triggers: [String: Trigger] = [:]
    /// Modals that are open, the topmost last, and the published Home of each user.
    var modals: [OpenModal] = []
    var homes: [String: JSONValue] = [:]
    var uploads: [String: Upload] = [:]
    /// The assistant's status line by `channel:thread_ts`.
    var statuses: [String: String] = [:]
    /// Streams that are open, by `channel:ts`.
    var streams: [String: OpenStream] = [:]
    /// Events that wait for delivery.
    var outgoing: [JSONValue] = []
    /// What people saw as an error of a command or button: user, channel, words.
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
                topic: channel.topic)
        }
        channels += options.people.filter { !$0.deleted && !$0.isBot && !$0.isStranger }.map { person in
            ChannelState(
                id: Self.directID(person.id), name: person.name, kind: .im, members: [person.id, options.bot.id])
        }
    }

    static func directID(_ user: String) -> String { "D0" + user.dropFirst(2) }

    /// A new ts: now, but always later than the one before.
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

    /// A number that no other thing of the workspace has.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    func person(_ reference: String) -> WorkspaceUser? {
        let name = reference.hasPrefix("@") ? String(reference.dropFirst()) : reference
        return people.first { $0.id == name || $0.name == name }
    }

    /// By id, by `#name`, or by `@name` for the app's DM with that person.
    func channel(_ reference: String) -> ChannelState? {
        if reference.hasPrefix("@") {
            guard let person = person(reference) else { return nil }
            return channels.first { $0.id == Self.directID(person.id) }
        }
        let name = reference.hasPrefix("#") ? String(reference.dropFirst()) : reference
        return channels.first { $0.id == name || ($0.kind != .im && $0.name == name) }
    }

    func index(channel: String, ts: String) -> Int? {
        messages.lastIndex { $0.ts == ts && $0.channel == channel }
    }

    func message(channel: String, ts: String) -> EmulatedMessage? {
        index(channel: channel, ts: ts).map { messages[$0] }
    }

    func replies(channel: String, ts: String) -> [EmulatedMessage] {
        messages.filter { $0.channel == channel && $0.threadTS == ts && $0.ts != ts && !$0.isEphemeral }
    }
}

/// A channel or DM with who is in it.
struct ChannelState: Sendable {
    enum Kind: String, Sendable { case channel, group, im }

    let id: String
    var name: String
    let kind: Kind
    var members: [String]
    var isArchived = false
    var topic = ""
}

/// A `response_url`: 5 uses in 30 minutes (docs.slack.dev, Handling user interaction).
struct ResponseURL: Sendable {
    let channel: String
    let user: String
    /// The command as typed, which an `in_channel` answer shows; nil for a button.
    let command: String?
    var hasShownCommand = false
    /// The message that `replace_original` means.
    var original: String?
    let thread: String?
    var uses = 5
    let expires: ContinuousClock.Instant
}

/// A `trigger_id`: single use, 3 seconds.
struct Trigger: Sendable {
    let user: String
    let expires: ContinuousClock.Instant
    var isUsed = false
}

/// A modal in front of one person.
struct OpenModal: Sendable {
    let id: String
    let user: String
    var view: JSONValue
}

/// A file on its way: asked for, filled, completed.
struct Upload: Sendable {
    let name: String
    let length: Int
    var bytes: [UInt8]?
    var isComplete = false
    var title: String?
}

/// What Slack itself told a person, such as `operation_timeout`.
package struct Notice: Sendable, Hashable {
    package let ts: String
    package let user: String
    package let channel: String
    /// The thread of the button that failed.
    package let thread: String?
    package let text: String
}
