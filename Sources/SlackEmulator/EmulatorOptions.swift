/// The configuration of an ``Emulator``.
package struct EmulatorOptions: Sendable {
    /// The port of the Web API and the page; 0 for any free port.
    package var httpPort = 0
    /// The workspace's id, as in `auth.test` and in envelopes.
    package var teamID = "T0ACME"
    /// The workspace's name, which the page shows as well.
    package var teamName = "Acme"
    /// The workspace's subdomain of slack.com.
    package var teamDomain = "acme"
    /// The id of the only installed app.
    package var appID = "A0OMNI"
    /// The token that Web API methods accept.
    package var botToken = "xoxb-emulator-bot-token"
    /// The token that `apps.connections.open` accepts.
    package var appToken = "xapp-1-A0OMNI-emulator-app-token"
    /// The bot token's scopes. A method that needs another one fails with `missing_scope`.
    package var scopes: Set<String> = EmulatorOptions.everyScope
    /// The bot events that the app subscribed to.
    package var subscriptions: Set<String> = EmulatorOptions.everySubscription
    /// The users of the workspace, without the bot.
    package var people: [WorkspaceUser] = WorkspaceUser.acme
    /// The channels; a DM between the app and each user is added.
    package var channels: [WorkspaceChannel] = WorkspaceChannel.acme
    /// The bot's user; users mention it by `@` and its `name`.
    package var bot = WorkspaceUser(id: "U0OMNI", name: "omni", realName: "Omni", email: nil, isBot: true)
    /// The `bot_id` of the app's messages.
    package var botID = "B0OMNI"
    /// The slash commands and usage hints of the app's manifest.
    package var commands: [WorkspaceCommand] = WorkspaceCommand.omni
    /// The message shortcuts of the app's manifest.
    package var shortcuts: [WorkspaceShortcut] = WorkspaceShortcut.omni
    /// Whether the app has the older `assistant_view`: each opening of the direct messages begins a thread, whose root
    /// Slack posts. False: `agent_view`.
    package var hasAssistantView = false
    /// Whether `@name` and `#name` in a command's text are replaced by ids (`should_escape` in the manifest).
    package var escapesCommandText = true
    /// Slack's timeouts; tests shorten them.
    package var timeouts = SlackTimeouts()
    /// Whether calls are limited with HTTP 429: per method and minute by tier, and one post per second and channel.
    package var tierLimits = false

    /// The default workspace `Acme`, with all scopes and subscriptions.
    package init() {}

    /// Adds users `p1`, `p2`, … and channels `#load-1`, `#load-2`, … with the bot, for load tests.
    package mutating func addCrowd(people: Int, channels: Int) {
        self.people += (0..<people).map { index in
            let name = "p\(index + 1)"
            return WorkspaceUser(
                id: "U0P\(index + 1)", name: name, realName: "Person \(index + 1)", email: "\(name)@acme.example")
        }
        self.channels += (0..<channels).map { WorkspaceChannel(id: "C0L\($0 + 1)", name: "load-\($0 + 1)") }
    }

    /// The default of ``scopes``; without `chat:write.public`, so that the bot posts only to channels that it is in.
    package static let everyScope: Set<String> = [
        "app_mentions:read", "assistant:write", "chat:write", "commands", "channels:history", "channels:read",
        "groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history", "mpim:read",
        "reactions:read", "reactions:write", "files:read", "files:write", "users:read", "users:read.email",
    ]

    /// All bot events that the emulator can send.
    package static let everySubscription: Set<String> = [
        "app_mention", "app_home_opened", "message.im", "message.channels", "message.groups", "reaction_added",
        "member_joined_channel", "agent_session_stopped", "assistant_thread_started",
    ]
}
