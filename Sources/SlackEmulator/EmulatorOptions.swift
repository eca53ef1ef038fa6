/// How a workspace on loopback is set up.
package struct EmulatorOptions: Sendable {
    /// The port of the Web API and of the page; 0 takes any free one.
    package var httpPort = 0
    package var teamID = "T0ACME"
    package var teamName = "Acme"
    package var teamDomain = "acme"
    package var appID = "A0OMNI"
    package var botToken = "xoxb-emulator-bot-token"
    package var appToken = "xapp-1-A0OMNI-emulator-app-token"
    /// The scopes of the bot token, as an installed app has them; a method that needs another answers `missing_scope`.
    package var scopes: Set<String> = EmulatorOptions.everyScope
    /// The bot events that the app subscribed to.
    package var subscriptions: Set<String> = EmulatorOptions.everySubscription
    package var people: [WorkspacePerson] = WorkspacePerson.acme
    package var channels: [WorkspaceChannel] = WorkspaceChannel.acme
    /// The bot's user; its `name` is what people type after `@`.
    package var bot = WorkspacePerson(id: "U0OMNI", name: "omni", realName: "Omni", email: nil, isBot: true)
    package var botID = "B0OMNI"
    /// The app's slash commands with their usage hints, as its manifest declares them.
    package var commands: [WorkspaceCommand] = WorkspaceCommand.omni
    /// Whether commands arrive with `@name` and `#name` turned into ids (`should_escape` of the manifest).
    package var escapesCommandText = true
    package var deadlines = Deadlines()
    /// Answers 429 as Slack does: per method and minute by tier, and one post a second and channel.
    package var tierLimits = false

    package init() {}

    /// Adds people `p1`, `p2`, … and channels `#load-1`, `#load-2`, … with the bot, for runs that need many of both.
    package mutating func addCrowd(people: Int, channels: Int) {
        self.people += (0..<people).map { index in
            let name = "p\(index + 1)"
            return WorkspacePerson(
                id: "U0P\(index + 1)", name: name, realName: "Person \(index + 1)", email: "\(name)@acme.example")
        }
        self.channels += (0..<channels).map { WorkspaceChannel(id: "C0L\($0 + 1)", name: "load-\($0 + 1)") }
    }

    package static let everyScope: Set<String> = [
        "app_mentions:read", "assistant:write", "chat:write", "commands", "channels:history", "channels:read",
        "groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history", "mpim:read",
        "reactions:read", "reactions:write", "files:read", "files:write", "users:read", "users:read.email",
    ]

    package static let everySubscription: Set<String> = [
        "app_mention", "app_home_opened", "message.im", "message.channels", "message.groups", "reaction_added",
        "member_joined_channel",
    ]
}

/// A person of the workspace, with what `users.info` tells of them.
package struct WorkspacePerson: Sendable, Hashable {
    package var id: String
    /// The handle, as in `@ana`.
    package var name: String
    package var realName: String
    package var email: String?
    package var isBot: Bool
    /// A guest.
    package var isRestricted: Bool
    /// Deactivated.
    package var deleted: Bool
    /// Of another workspace, seen through a shared channel.
    package var isStranger: Bool
    /// An IANA time zone.
    package var tz: String

    package init(
        id: String, name: String, realName: String, email: String?, isBot: Bool = false, isRestricted: Bool = false,
        deleted: Bool = false, isStranger: Bool = false, tz: String = "Europe/Berlin"
    ) {
        self.id = id
        self.name = name
        self.realName = realName
        self.email = email
        self.isBot = isBot
        self.isRestricted = isRestricted
        self.deleted = deleted
        self.isStranger = isStranger
        self.tz = tz
    }

    /// The people of the default workspace.
    package static let acme: [WorkspacePerson] = [
        WorkspacePerson(id: "U0ANA", name: "ana", realName: "Ana Lima", email: "ana@acme.example"),
        WorkspacePerson(id: "U0BEN", name: "ben", realName: "Ben Okafor", email: "ben@acme.example"),
        WorkspacePerson(id: "U0CHEN", name: "chen", realName: "Chen Wei", email: "chen@acme.example"),
        WorkspacePerson(id: "U0DANA", name: "dana", realName: "Dana Roth", email: "dana@acme.example"),
        WorkspacePerson(
            id: "U0GUS", name: "gus", realName: "Gus Guest", email: "gus@partner.example", isRestricted: true),
        WorkspacePerson(
            id: "U0OLD", name: "olga", realName: "Olga Left", email: "olga@acme.example", deleted: true),
        WorkspacePerson(id: "U0SAM", name: "sam", realName: "Sam Elsewhere", email: nil, isStranger: true),
    ]
}

/// A channel of the workspace; people who are neither deactivated nor strangers are members of every one of them.
package struct WorkspaceChannel: Sendable, Hashable {
    package var id: String
    /// Without `#`.
    package var name: String
    package var isPrivate: Bool
    package var hasBot: Bool
    package var isArchived: Bool
    package var topic: String

    package init(
        id: String, name: String, isPrivate: Bool = false, hasBot: Bool = true, isArchived: Bool = false,
        topic: String = ""
    ) {
        self.id = id
        self.name = name
        self.isPrivate = isPrivate
        self.hasBot = hasBot
        self.isArchived = isArchived
        self.topic = topic
    }

    /// The channels of the default workspace.
    package static let acme: [WorkspaceChannel] = [
        WorkspaceChannel(id: "C0OPS", name: "ops", topic: "What runs, and what does not"),
        WorkspaceChannel(id: "C0GENERAL", name: "general", topic: "Everybody"),
        WorkspaceChannel(id: "C0RANDOM", name: "random", hasBot: false, topic: "The bot is not here"),
        WorkspaceChannel(
            id: "C0PRIVATE", name: "private-ops", isPrivate: true, hasBot: false, topic: "Without the bot"),
    ]
}

/// A slash command that the app declares.
package struct WorkspaceCommand: Sendable, Hashable {
    /// With its slash.
    package var name: String
    package var summary: String
    package var usageHint: String

    package init(name: String, summary: String, usageHint: String = "") {
        self.name = name
        self.summary = summary
        self.usageHint = usageHint
    }

    /// What Omni's manifest declares.
    package static let omni: [WorkspaceCommand] = [
        WorkspaceCommand(name: "/omni", summary: "Ask a question", usageHint: "question"),
        WorkspaceCommand(name: "/omni-help", summary: "What you may use", usageHint: "topic"),
        WorkspaceCommand(name: "/omni-status", summary: "Servers, model, store"),
        WorkspaceCommand(name: "/omni-tool", summary: "Call a tool", usageHint: "server tool key=value"),
        WorkspaceCommand(name: "/omni-history", summary: "Your last questions", usageHint: "n"),
        WorkspaceCommand(name: "/omni-admin", summary: "Administration", usageHint: "command"),
    ]
}

/// Slack's waiting times; tests shorten them, each by itself or all by one factor.
package struct Deadlines: Sendable, Hashable {
    /// From the delivery of an envelope to its acknowledgement (docs.slack.dev: 3 seconds for every type).
    package var acknowledgement = Duration.seconds(3)
    /// The waits before the redeliveries of an event (docs.slack.dev, Events API: nearly at once, 1 min, 5 min).
    package var redeliveries: [Duration] = [.seconds(1), .seconds(60), .seconds(300)]
    /// From the warning or refresh of a socket to its end.
    package var closeAfterNotice = Duration.seconds(10)
    package var pingEvery = Duration.seconds(10)
    /// How long a Socket Mode URL can be used. Slack does not say; SDKs dial at once.
    package var ticket = Duration.seconds(30)
    package var responseURL = Duration.seconds(30 * 60)
    package var trigger = Duration.seconds(3)
    /// The whole life of a streamed message; appends do not lengthen it. Measured by others, not documented.
    package var stream = Duration.seconds(300)
    /// Told in `hello`; no socket is recycled by itself.
    package var approximateConnectionTime = Duration.seconds(3600)

    package init() {}

    /// Every waiting time multiplied by `factor`.
    package func scaled(by factor: Double) -> Deadlines {
        var scaled = self
        scaled.acknowledgement = acknowledgement * factor
        scaled.redeliveries = redeliveries.map { $0 * factor }
        scaled.closeAfterNotice = closeAfterNotice * factor
        scaled.pingEvery = pingEvery * factor
        scaled.ticket = ticket * factor
        scaled.responseURL = responseURL * factor
        scaled.trigger = trigger * factor
        scaled.stream = stream * factor
        scaled.approximateConnectionTime = approximateConnectionTime * factor
        return scaled
    }
}
