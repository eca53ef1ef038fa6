import Bridge

/// The manifest of the Slack app: the commands, events and scopes that the configuration needs. Limits of lengths are
/// those of Slack's schema of manifests, version 1.0.0.
struct AppManifest {
    let slack: SlackSettings
    let followUp: FollowUpRule.Mode

    init(_ settings: Settings) {
        slack = settings.slack
        followUp = settings.threading.followUp
    }

    /// The manifest in the order in which it is written.
    var json: JSONValue {
        [
            "_metadata": ["major_version": 1, "minor_version": 1],
            "display_information": [
                "name": .string(String(slack.botName.prefix(35))),
                "description": "Answers your team's operations questions with the tools of your MCP servers.",
                "background_color": "#1f2937",
            ],
            "features": features,
            "oauth_config": ["scopes": ["bot": .array(scopes.map { .string($0) })]],
            "settings": [
                "event_subscriptions": ["bot_events": .array(events.map { .string($0) })],
                "interactivity": ["is_enabled": true], "org_deploy_enabled": false, "socket_mode_enabled": true,
                "token_rotation_enabled": false,
            ],
        ]
    }

    private var features: JSONValue {
        [
            // With messages_tab_read_only_enabled no user could write to the bot.
            "app_home": [
                "home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false,
            ],
            "bot_user": [
                "display_name": .string(String(slack.botName.lowercased().prefix(80))), "always_online": true,
            ],
            "agent_view": [
                "agent_description": "Answers operations questions with the tools that you may use.",
                "suggested_prompts": .array(prompts),
            ],
            "slash_commands": .array(commands),
            "shortcuts": [
                [
                    "name": .string(shortcutName), "type": "message", "callback_id": .string(AskAboutView.callbackID),
                    "description": "Ask a question about a message",
                ]
            ],
        ]
    }

    /// At most 24 characters.
    private var shortcutName: String {
        let name = "Ask \(slack.botName) about this"
        return name.utf16.count <= 24 ? name : "Ask about this"
    }

    /// The examples of `/omni`; at most four.
    private var prompts: [JSONValue] {
        let examples = slack.commands[SlackCommand.Name.ask.rawValue]?.examples ?? []
        let texts =
            examples.isEmpty
            ? ["What are the slowest queries right now?", "Which services were deployed today?"] : examples
        return texts.prefix(4).map { ["title": .string($0), "message": .string($0)] }
    }

    /// The enabled commands.
    private var commands: [JSONValue] {
        let names: [SlackCommand.Name] = [.ask, .help, .status, .history, .tool, .admin]
        return names.compactMap { slack.commands[$0.rawValue] }.filter(\.isEnabled).map { command in
            var entry: JSONObject = [
                "command": .string(command.name), "description": .string(String(command.description.prefix(2_000))),
            ]
            if !command.hint.isEmpty { entry["usage_hint"] = .string(String(command.hint.prefix(1_000))) }
            // Users and channels come with their ids.
            entry["should_escape"] = true
            return .object(entry)
        }
    }

    private var scopes: [String] {
        var scopes: Set = [
            "assistant:write", "channels:history", "channels:read", "chat:write", "commands", "files:read",
            "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write", "users:read",
            "users:read.email",
        ]
        if slack.mentions.respondsToMentions { scopes.insert("app_mentions:read") }
        if slack.mentions.reactions.isEnabled { scopes.insert("reactions:read") }
        return scopes.sorted()
    }

    /// Without the events of channels only mentions are heard there.
    private var events: [String] {
        var events: Set = ["agent_session_stopped", "app_home_opened", "message.im", "user_change"]
        if slack.mentions.respondsToMentions { events.insert("app_mention") }
        if followUp != .never || slack.mentions.respondsToName || !slack.autoResponses.entries.isEmpty {
            events.formUnion(["message.channels", "message.groups"])
        }
        if slack.mentions.reactions.isEnabled { events.insert("reaction_added") }
        return events.sorted()
    }
}
