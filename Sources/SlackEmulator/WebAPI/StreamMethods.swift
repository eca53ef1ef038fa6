import Bridge

/// chat.startStream, chat.appendStream and chat.stopStream.
enum StreamMethods {
    static func start(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try PostMethods.place(try call.required("channel"), in: state)
        guard let thread = try call.string("thread_ts"), let root = state.message(channel: channel.id, ts: thread),
            !root.isReply, !root.isEphemeral
        else { throw APIError("invalid_thread_ts") }
        try PostMethods.admit(isReply: true, to: channel)
        try checkRecipient(call, in: channel, state)
        let mode = try call.string("task_display_mode") ?? "timeline"
        guard ["timeline", "plan"].contains(mode) else { throw APIError("invalid_arguments") }
        var stream = OpenStream(showsPlan: mode == "plan", expires: .now + state.options.timeouts.stream)
        try stream.take(call)
        var message = EmulatedMessage(
            ts: state.nextTS(), channel: channel.id, user: state.options.bot.id, text: stream.text)
        message.botID = state.options.botID
        message.threadTS = thread
        message.blocks = stream.blocks
        message.isStreaming = true
        message.isStreamed = true
        state.streams["\(channel.id):\(message.ts)"] = stream
        state.sessions["\(channel.id):\(thread)"] = .processing
        PostMethods.publish(message, &state)
        return ["ok": true, "channel": .string(channel.id), "ts": .string(message.ts)]
    }

    /// The user for whom the answer is streamed, and their workspace; only a DM may do without.
    private static func checkRecipient(
        _ call: APIArguments, in channel: ChannelState, _ state: WorkspaceState
    ) throws(APIError) {
        let user = try call.string("recipient_user_id")
        let team = try call.string("recipient_team_id")
        guard channel.kind == .im || user != nil else { throw APIError("missing_recipient_user_id") }
        guard channel.kind == .im || team != nil else { throw APIError("missing_recipient_team_id") }
        if let user, !state.people.contains(where: { $0.id == user }) { throw APIError("user_not_found") }
        // Observed (vercel/chat#313), and not what docs.slack.dev says of this code.
        if let team, !state.knowsTeam(team) { throw APIError("team_not_found") }
    }

    static func append(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        guard call.has("markdown_text") || call.has("chunks") else {
            throw APIError("markdown_text_or_chunks_required")
        }
        return try advance(&state, call, stops: false)
    }

    static func stop(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        try advance(&state, call, stops: true)
    }

    private static func advance(
        _ state: inout WorkspaceState, _ call: APIArguments, stops: Bool
    ) throws(APIError) -> JSONObject {
        let channel = try call.required("channel")
        let ts = try call.required("ts")
        let key = "\(channel):\(ts)"
        guard state.channels.contains(where: { $0.id == channel }) else { throw APIError("channel_not_found") }
        guard let index = state.index(channel: channel, ts: ts) else { throw APIError("message_not_found") }
        guard state.messages[index].botID == state.options.botID else { throw APIError("message_not_owned_by_app") }
        if state.stoppedStreams.contains(key), !stops { throw APIError("stopped_by_user") }
        state.endExpiredStream(at: index)
        guard var stream = state.streams[key] else { throw APIError("message_not_in_streaming_state") }
        let session = try session(call)
        try stream.take(call)
        let before = state.messages[index]
        var message = before
        if stops {
            stream.last = try lastBlocks(call)
            message.metadata = try MessageContent.metadata(call)
        }
        message.text = stream.text
        message.blocks = stream.blocks
        message.isStreaming = !stops
        state.streams[key] = stops ? nil : stream
        if stops { state.sessions["\(channel):\(message.threadTS ?? ts)"] = session }
        // Slack does not mark streamed messages as edited.
        UpdateMethods.apply(message, over: before, at: index, marksEdit: false, &state)
        var response: JSONObject = ["ok": true, "channel": .string(channel), "ts": .string(ts)]
        if stops { response["message"] = MessageJSON.message(state.messages[index], in: state, withMetadata: true) }
        return response
    }

    /// What `chat.stopStream` makes of the thread's session.
    private static func session(_ call: APIArguments) throws(APIError) -> AgentSession {
        guard let status = try call.string("session_status") else { return .active }
        guard let session = AgentSession(rawValue: status) else {
            throw APIError("invalid_arguments", messages: ["[ERROR] unknown value [json-pointer:/session_status]"])
        }
        return session
    }

    /// The blocks of `chat.stopStream`.
    private static func lastBlocks(_ call: APIArguments) throws(APIError) -> [JSONValue] {
        guard let blocks = try call.structure("blocks", else: "invalid_blocks_format") else { return [] }
        try BlockKitValidator.message(blocks)
        return blocks.array ?? []
    }
}
