import Bridge

/// chat.postMessage and chat.postEphemeral.
enum PostMethods {
    /// Slack truncates longer texts. The emulator refuses them, so that the app cannot depend on truncation.
    static let textLimit = 40_000

    static func post(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try place(try call.required("channel"), in: state)
        let content = try MessageContent(call, textLimit: textLimit)
        guard !content.isEmpty else { throw APIError("no_text") }
        let thread = try root(try call.string("thread_ts"), in: channel, state)
        try admit(isReply: thread != nil, to: channel)
        try state.limits.post(to: channel.id, limited: state.options.tierLimits)
        var message = compose(content, in: channel.id, &state)
        message.threadTS = thread
        let isBroadcast = try call.bool("reply_broadcast") ?? false
        message.isBroadcast = isBroadcast && thread != nil
        publish(message, &state)
        let json = MessageJSON.message(message, in: state, withMetadata: true)
        return ["ok": true, "channel": .string(channel.id), "ts": .string(message.ts), "message": json]
    }

    static func postEphemeral(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try place(try call.required("channel"), in: state)
        let user = try call.required("user")
        guard channel.members.contains(user) else { throw APIError("user_not_in_channel") }
        let content = try MessageContent(call, textLimit: textLimit)
        guard !content.isEmpty else { throw APIError("no_text") }
        let thread = try root(try call.string("thread_ts"), in: channel, state)
        if thread != nil, channel.posting == .noThreads { throw APIError("restricted_action_non_threadable_channel") }
        var message = compose(content, in: channel.id, &state)
        message.threadTS = thread
        message.onlyFor = user
        state.messages.append(message)
        return ["ok": true, "message_ts": .string(message.ts)]
    }

    /// A channel that the bot may post to, by id, `#name` or user id.
    ///
    /// - Throws: ``APIError``.
    static func place(_ reference: String, in state: WorkspaceState) throws(APIError) -> ChannelState {
        let bot = state.options.bot.id
        if reference.hasPrefix("U") {
            guard let person = state.person(reference), !person.deleted,
                let direct = state.channel(WorkspaceState.directID(person.id))
            else { throw APIError("channel_not_found") }
            return direct
        }
        // Slack accepts `#name` here, but neither a name without `#` nor `@name`.
        guard !reference.hasPrefix("@"), let channel = state.channel(reference),
            channel.id == reference || reference.hasPrefix("#")
        else { throw APIError("channel_not_found") }
        guard channel.members.contains(bot) else {
            if channel.kind != .channel { throw APIError("channel_not_found") }
            if state.options.scopes.contains("chat:write.public") { return channel }
            throw APIError("not_in_channel")
        }
        guard !channel.isArchived else { throw APIError("is_archived") }
        return channel
    }

    /// Checks the channel's posting permissions (docs.slack.dev, chat.postMessage, errors).
    static func admit(isReply: Bool, to channel: ChannelState) throws(APIError) {
        switch channel.posting {
        case .everything: return
        case .nothing: throw APIError("restricted_action_read_only_channel")
        case .threadsOnly: if !isReply { throw APIError("restricted_action_thread_only_channel") }
        case .noThreads: if isReply { throw APIError("restricted_action_non_threadable_channel") }
        case .refused(let code): throw APIError(code)
        }
    }

    /// Validates `thread_ts`.
    ///
    /// - Throws: ``APIError`` if it is not a message of the channel, or is itself a reply.
    static func root(
        _ ts: String?, in channel: ChannelState, _ state: WorkspaceState
    ) throws(APIError) -> String? {
        guard let ts else { return nil }
        guard let parent = state.message(channel: channel.id, ts: ts), !parent.isEphemeral else {
            throw APIError("thread_not_found")
        }
        guard !parent.isReply else { throw APIError("cannot_reply_to_message") }
        return ts
    }

    /// A new message of the app; not yet in the state.
    static func compose(
        _ content: MessageContent, in channel: String, _ state: inout WorkspaceState
    ) -> EmulatedMessage {
        var message = EmulatedMessage(
            ts: state.nextTS(), channel: channel, user: state.options.bot.id, text: content.text ?? "")
        message.botID = state.options.botID
        message.blocks = content.blocks ?? []
        message.attachments = content.attachments ?? []
        message.metadata = content.metadata
        return message
    }

    /// Adds a message of the app to the state, clears the assistant's status of its thread and sends the event.
    static func publish(_ message: EmulatedMessage, _ state: inout WorkspaceState) {
        state.messages.append(message)
        state.statuses["\(message.channel):\(message.threadTS ?? message.ts)"] = nil
        Events.message(message, &state)
    }
}
