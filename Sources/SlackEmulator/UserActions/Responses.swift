import Bridge

/// Messages that the app sends to a response_url or in the acknowledgement of a command.
enum Responses {
    /// A post to `/response/<id>`.
    ///
    /// - Throws: ``APIError`` with the HTTP status.
    static func use(_ id: String, _ body: JSONValue, _ state: inout WorkspaceState) throws(APIError) {
        guard let capability = state.responseURLs[id] else { throw APIError("invalid_url", status: 404) }
        guard capability.expires > .now else { throw APIError("expired_url", status: 404) }
        guard capability.uses > 0 else { throw APIError("used_url", status: 404) }
        guard let members = body.object else { throw APIError("invalid_payload", status: 400) }
        let call = APIArguments(json: members)
        if try call.bool("delete_original") ?? false {
            state.responseURLs[id]?.uses -= 1
            if let index = original(capability, state) { UpdateMethods.remove(at: index, &state) }
            return
        }
        // A refused response does not count as a use.
        try post(call, by: id, capability, &state)
        state.responseURLs[id]?.uses -= 1
    }

    /// The acknowledgement of a slash command: an empty one shows nothing, `in_channel` also shows the command.
    static func acknowledged(_ payload: JSONValue, by id: String, _ state: inout WorkspaceState) throws(APIError) {
        guard let members = payload.object, !members.isEmpty, let capability = state.responseURLs[id] else { return }
        try post(APIArguments(json: members), by: id, capability, &state)
    }

    private static func post(
        _ call: APIArguments, by id: String, _ capability: ResponseURL, _ state: inout WorkspaceState
    ) throws(APIError) {
        let type = try call.string("response_type") ?? "ephemeral"
        guard type == "ephemeral" || type == "in_channel" else { throw APIError("invalid_response_type", status: 400) }
        let content: MessageContent
        do { content = try MessageContent(call, textLimit: PostMethods.textLimit) } catch {
            throw APIError(error.code, messages: error.messages, status: 400)
        }
        if type == "in_channel", let command = capability.command, !capability.hasShownCommand {
            show(command, capability, &state)
            state.responseURLs[id]?.hasShownCommand = true
        }
        if content.isEmpty {
            if type == "in_channel", capability.command != nil { return }
            throw APIError("no_text", status: 400)
        }
        // The response to a button replaces its message unless `replace_original` or `response_type` is given; the
        // response to a command is a new message.
        let replaces = try call.bool("replace_original") ?? (capability.command == nil && !call.has("response_type"))
        if replaces, let index = original(capability, state) {
            let before = state.messages[index]
            var message = before
            message.text = content.text ?? ""
            message.blocks = content.blocks ?? []
            message.attachments = content.attachments ?? []
            UpdateMethods.apply(message, over: before, at: index, &state)
            return
        }
        var message = PostMethods.compose(content, in: capability.channel, &state)
        message.threadTS = try call.string("thread_ts") ?? capability.thread
        if type == "ephemeral" { message.onlyFor = capability.user }
        state.responseURLs[id]?.original = message.ts
        if message.isEphemeral { state.messages.append(message) } else { PostMethods.publish(message, &state) }
    }

    private static func original(_ capability: ResponseURL, _ state: WorkspaceState) -> Int? {
        capability.original.flatMap { state.index(channel: capability.channel, ts: $0) }
    }

    private static func show(_ command: String, _ capability: ResponseURL, _ state: inout WorkspaceState) {
        var message = EmulatedMessage(
            ts: state.nextTS(), channel: capability.channel, user: capability.user,
            text: ComposerText.encode(command, in: state))
        message.subtype = "slash_command"
        state.messages.append(message)
    }
}
