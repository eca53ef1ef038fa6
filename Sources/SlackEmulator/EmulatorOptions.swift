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
    package var people: [WorkspaceUser] = WorkspaceUser.acme
    package var channels: [WorkspaceChannel] = WorkspaceChannel.acme
    /// The bot's user; its `name` is what people type after `@`.
    package var bot = WorkspaceUser(id: "U0OMNI", name: "omni", realName: "Omni", email: nil, isBot: true)
    package var botID = "B0OMNI"
    /// The app's slash commands with their usage hints, as its manifest declares them.
    package var commands: [WorkspaceCommand] = WorkspaceCommand.omni
    /// Whether commands arrive with `@name` and `#name` turned into ids (`should_escape` of the manifest).
    package var escapesCommandText = true
    package var timeouts = SlackTimeouts()
    /// Answers 429 as Slack does: per method and minute by tier, and one post a second and channel.
    package var tierLimits = false

    package init() {}

    /// Adds people `p1`, `p2`, … and channels `#load-1`, `#load-2`, … with the bot, for runs that need many of both.
    package mutating func addCrowd(people: Int, channels: Int) {
        self.people += (0..<people).map { index in
            let name = "p\(index + 1)"
            return WorkspaceUser(
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
