import Bridge

/// Events of the Events API. The app receives an event if it subscribed to it and is a member of the channel.
enum Events {
    /// A new message: `message.<kind>`, and before it `app_mention` if a user mentions the bot outside a DM.
    static func message(_ message: EmulatedMessage, _ state: inout WorkspaceState) {
        guard !message.isEphemeral, let channel = joinedChannel(message.channel, state) else { return }
        var event = MessageJSON.message(message, in: state)
        // Slack sends reply counts in histories, not in events.
        for key in ["reply_count", "reply_users_count", "reply_users", "latest_reply"] { event[key] = nil }
        event["channel"] = .string(message.channel)
        event["event_ts"] = .string(message.ts)
        if !message.files.isEmpty { event["files"] = .array(FileMethods.forEvent(message.files, state)) }
        if message.botID == nil, channel.kind != .im, names(state.options.bot.id, message.text) {
            var mention = event
            mention["type"] = "app_mention"
            send("app_mention", mention, &state)
        }
        event["channel_type"] = .string(channel.kind.rawValue)
        send(subscription(channel), event, &state)
    }

    static func changed(_ message: EmulatedMessage, from before: EmulatedMessage, _ state: inout WorkspaceState) {
        guard let channel = joinedChannel(message.channel, state) else { return }
        let ts = JSONValue.string(state.nextTS())
        let event: JSONValue = [
            "type": "message", "subtype": "message_changed", "hidden": true, "channel": .string(message.channel),
            "channel_type": .string(channel.kind.rawValue), "ts": ts, "event_ts": ts,
            "message": MessageJSON.message(message, in: state),
            "previous_message": MessageJSON.message(before, in: state),
        ]
        send(subscription(channel), event, &state)
    }

    static func deleted(_ message: EmulatedMessage, _ state: inout WorkspaceState) {
        guard let channel = joinedChannel(message.channel, state) else { return }
        let ts = JSONValue.string(state.nextTS())
        let event: JSONValue = [
            "type": "message", "subtype": "message_deleted", "hidden": true, "channel": .string(message.channel),
            "channel_type": .string(channel.kind.rawValue), "ts": ts, "event_ts": ts,
            "deleted_ts": .string(message.ts), "previous_message": MessageJSON.message(message, in: state),
        ]
        send(subscription(channel), event, &state)
    }

    static func reaction(
        _ name: String, by user: String, on message: EmulatedMessage, _ state: inout WorkspaceState
    ) {
        guard joinedChannel(message.channel, state) != nil else { return }
        let event: JSONValue = [
            "type": "reaction_added", "user": .string(user), "reaction": .string(name),
            "item": ["type": "message", "channel": .string(message.channel), "ts": .string(message.ts)],
            "item_user": .string(message.user), "event_ts": .string(state.nextTS()),
        ]
        send("reaction_added", event, &state)
    }

    static func homeOpened(by user: String, tab: String, _ state: inout WorkspaceState) {
        var event: JSONValue = [
            "type": "app_home_opened", "user": .string(user), "channel": .string(WorkspaceState.directID(user)),
            "tab": .string(tab), "event_ts": .string(state.nextTS()),
        ]
        if tab == "home", let view = state.homes[user] { event["view"] = view }
        send("app_home_opened", event, &state)
    }

    static func joined(_ user: String, channel: ChannelState, by inviter: String, _ state: inout WorkspaceState) {
        let event: JSONValue = [
            "type": "member_joined_channel", "user": .string(user), "channel": .string(channel.id),
            "channel_type": .string(channel.kind == .channel ? "C" : "G"), "team": .string(state.options.teamID),
            "inviter": .string(inviter), "event_ts": .string(state.nextTS()),
        ]
        send("member_joined_channel", event, &state)
    }

    /// Wraps an event in an `event_callback` and queues it, if the app subscribed to it.
    static func send(_ subscription: String, _ event: JSONValue, _ state: inout WorkspaceState) {
        let options = state.options
        guard options.subscriptions.contains(subscription) else { return }
        let number = state.nextNumber()
        let place = (event["channel"] ?? event["item"]?["channel"])?.string
        let isShared = state.channels.contains { $0.id == place && $0.isExternallyShared }
        state.outgoing.append([
            "token": "deprecated", "team_id": .string(options.teamID), "context_team_id": .string(options.teamID),
            "context_enterprise_id": .null, "api_app_id": .string(options.appID), "event": event,
            "type": "event_callback", "event_id": .string("Ev0\(number)"),
            "event_time": .int(Int64(WallClock.now.seconds)),
            "authorizations": [
                [
                    "enterprise_id": .null, "team_id": .string(options.teamID), "user_id": .string(options.bot.id),
                    "is_bot": true, "is_enterprise_install": false,
                ]
            ],
            "is_ext_shared_channel": .bool(isShared), "event_context": .string("4-\(number)"),
        ])
    }

    private static func names(_ user: String, _ text: String) -> Bool {
        text.contains("<@\(user)>") || text.contains("<@\(user)|")
    }

    private static func joinedChannel(_ channel: String, _ state: WorkspaceState) -> ChannelState? {
        state.channels.first { $0.id == channel && $0.members.contains(state.options.bot.id) }
    }

    private static func subscription(_ channel: ChannelState) -> String {
        switch channel.kind {
        case .im: "message.im"
        case .channel: "message.channels"
        case .group: "message.groups"
        }
    }
}
