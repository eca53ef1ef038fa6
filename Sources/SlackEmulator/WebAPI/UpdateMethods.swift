import Bridge

/// chat.update and chat.delete.
enum UpdateMethods {
    /// docs.slack.dev, chat.update: `msg_too_long` above 4,000 characters.
    static let textLimit = 4_000

    static func update(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let (channel, index) = try own(call, in: state, refusal: "cant_update_message")
        let content = try MessageContent(call, textLimit: textLimit)
        guard call.has("text") || call.has("blocks") || call.has("markdown_text") || call.has("attachments") else {
            throw APIError("no_text")
        }
        state.endExpiredStream(at: index)
        let before = state.messages[index]
        guard !before.isStreaming else { throw APIError("streaming_state_conflict") }
        var message = before
        if let text = content.text { message.text = text }
        // Blocks are kept only if text is omitted too (docs.slack.dev, chat.update).
        if let blocks = content.blocks {
            message.blocks = blocks
        } else if content.text != nil {
            message.blocks = []
        }
        if let attachments = content.attachments { message.attachments = attachments }
        if let metadata = content.metadata { message.metadata = metadata }
        guard !message.text.isEmpty || !message.blocks.isEmpty || !message.attachments.isEmpty else {
            throw APIError("no_text")
        }
        apply(message, over: before, at: index, &state)
        return [
            "ok": true, "channel": .string(channel), "ts": .string(message.ts), "text": .string(message.text),
            "message": MessageJSON.message(state.messages[index], in: state, withMetadata: true),
        ]
    }

    static func delete(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let (channel, index) = try own(call, in: state, refusal: "cant_delete_message")
        let message = state.messages[index]
        remove(at: index, &state)
        return ["ok": true, "channel": .string(channel), "ts": .string(message.ts)]
    }

    /// Replaces a message by its changed version and sends `message_changed`, unless it is ephemeral.
    ///
    /// - Parameter marksEdit: whether a changed text is marked as edited.
    static func apply(
        _ message: EmulatedMessage, over before: EmulatedMessage, at index: Int, marksEdit: Bool = true,
        _ state: inout WorkspaceState
    ) {
        var message = message
        message.revisions += 1
        message.isEdited = before.isEdited || (marksEdit && before.text != message.text)
        if before.text != message.text { message.editedTS = state.nextTS() }
        state.messages[index] = message
        guard !message.isEphemeral else { return }
        Events.changed(message, from: before, &state)
    }

    /// Removes a message and sends `message_deleted`, unless it is ephemeral.
    static func remove(at index: Int, _ state: inout WorkspaceState) {
        let message = state.messages.remove(at: index)
        guard !message.isEphemeral else { return }
        Events.deleted(message, &state)
    }

    /// A message of the app, by channel id: chat.update accepts neither channel names nor users.
    private static func own(
        _ call: APIArguments, in state: WorkspaceState, refusal: String
    ) throws(APIError) -> (String, Int) {
        let reference = try call.required("channel")
        let ts = try call.required("ts")
        guard let channel = state.channels.first(where: { $0.id == reference }) else {
            throw APIError("channel_not_found")
        }
        guard let index = state.index(channel: channel.id, ts: ts), !state.messages[index].isEphemeral else {
            throw APIError("message_not_found")
        }
        guard state.messages[index].botID == state.options.botID else { throw APIError(refusal) }
        return (channel.id, index)
    }
}
