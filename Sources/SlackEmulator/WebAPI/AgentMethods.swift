import Bridge

/// assistant.threads.setStatus, assistant.threads.setTitle and assistant.threads.setSuggestedPrompts.
enum AgentMethods {
    /// The limits of Slack's agent sessions.
    private static let longestTitle = 200
    private static let mostPrompts = 4

    static func setStatus(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try PostMethods.place(try call.required("channel_id"), in: state)
        let thread = try call.required("thread_ts")
        guard let status = try call.string("status") else { throw APIError.missing("status") }
        if let loading = try call.structure("loading_messages", else: "invalid_arguments"),
            loading.array.map({ $0.count > 10 }) ?? true
        {
            throw APIError(
                "invalid_arguments", messages: ["[ERROR] no more than 10 items [json-pointer:/loading_messages]"])
        }
        let key = try root(thread, in: channel, state)
        let expires = ContinuousClock.now + state.options.timeouts.status
        state.statuses[key] = status.isEmpty ? nil : ThreadStatus(text: status, expires: expires)
        // Under agent_view a status also says whether the session is in process.
        state.sessions[key] = status.isEmpty ? .active : .processing
        return ["ok": true]
    }

    static func setTitle(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try direct(call, state)
        let thread = try call.required("thread_ts")
        let title = try call.required("title")
        guard title.count <= longestTitle else { throw tooLong("title") }
        state.titles[try root(thread, in: channel, state)] = title
        return ["ok": true]
    }

    static func setSuggestedPrompts(
        _ state: inout WorkspaceState, _ call: APIArguments
    ) throws(APIError) -> JSONObject {
        let channel = try direct(call, state)
        guard let prompts = try call.structure("prompts", else: "invalid_arguments")?.array, !prompts.isEmpty else {
            throw APIError.missing("prompts")
        }
        guard prompts.count <= mostPrompts else { throw tooLong("prompts") }
        for (index, prompt) in prompts.enumerated() {
            for name in ["title", "message"] where prompt[name]?.string?.isEmpty ?? true {
                throw APIError.missing("prompts/\(index)/\(name)")
            }
        }
        let thread = try call.string("thread_ts")
        if let thread { _ = try root(thread, in: channel, state) }
        guard state.options.hasAssistantView else {
            // Prompts of a thread are accepted under agent_view, and not shown.
            if thread == nil { state.prompts[channel.id] = prompts }
            return ["ok": true]
        }
        guard thread != nil else { throw APIError.missing("thread_ts") }
        state.prompts[channel.id] = prompts
        return ["ok": true]
    }

    /// The direct messages with a user.
    private static func direct(_ call: APIArguments, _ state: WorkspaceState) throws(APIError) -> ChannelState {
        let channel = try PostMethods.place(try call.required("channel_id"), in: state)
        guard channel.kind == .im else { throw APIError("channel_type_not_supported") }
        return channel
    }

    /// The key of a thread: `channel:ts`.
    private static func root(
        _ ts: String, in channel: ChannelState, _ state: WorkspaceState
    ) throws(APIError) -> String {
        guard let root = state.message(channel: channel.id, ts: ts), !root.isReply, !root.isEphemeral else {
            throw APIError("invalid_thread_ts")
        }
        return "\(channel.id):\(ts)"
    }

    private static func tooLong(_ name: String) -> APIError {
        APIError("invalid_arguments", messages: ["[ERROR] too long [json-pointer:/\(name)]"])
    }
}
