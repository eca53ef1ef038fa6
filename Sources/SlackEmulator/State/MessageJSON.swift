import Bridge

/// Encodes messages as Slack's API and events do.
enum MessageJSON {
    static func message(_ message: EmulatedMessage, in state: WorkspaceState, withMetadata: Bool = false) -> JSONValue {
        var json: JSONObject = [
            "type": "message", "user": .string(message.user), "ts": .string(message.ts),
            "text": .string(message.text), "team": .string(state.options.teamID),
        ]
        if let botID = message.botID {
            json["bot_id"] = .string(botID)
            json["app_id"] = .string(state.options.appID)
            json["bot_profile"] = [
                "id": .string(botID), "app_id": .string(state.options.appID), "user_id": .string(message.user),
                "name": .string(state.options.bot.realName), "deleted": false, "team_id": .string(state.options.teamID),
            ]
        } else {
            json["client_msg_id"] = .string(clientID(message))
        }
        if let subtype = message.isBroadcast ? "thread_broadcast" : message.subtype {
            json["subtype"] = .string(subtype)
        }
        if !message.blocks.isEmpty { json["blocks"] = .array(message.blocks) }
        if !message.attachments.isEmpty { json["attachments"] = .array(message.attachments) }
        if !message.files.isEmpty { json["files"] = .array(message.files) }
        if message.isEdited, let ts = message.editedTS {
            json["edited"] = ["user": .string(message.user), "ts": .string(ts)]
        }
        if withMetadata, let metadata = message.metadata { json["metadata"] = metadata }
        if !message.reactions.isEmpty {
            json["reactions"] = .array(
                message.reactions.map { reaction in
                    [
                        "name": .string(reaction.name), "count": .int(Int64(reaction.users.count)),
                        "users": .array(reaction.users.map { .string($0) }),
                    ]
                })
        }
        addThread(message, in: state, to: &json)
        return .object(json)
    }

    /// A message for programs that examine the workspace from outside: text, place and times; of the blocks only the
    /// Markdown, and id and status of the task cards.
    static func plain(_ message: EmulatedMessage) -> JSONValue {
        let markdown = message.blocks.filter { $0["type"] == "markdown" }.compactMap { $0["text"]?.string }
        let cards = message.blocks.filter { $0["type"] == "task_card" }
        return [
            "ts": .string(message.ts), "channel": .string(message.channel), "user": .string(message.user),
            "is_bot": .bool(message.botID != nil), "text": .string(message.text),
            "thread_ts": message.threadTS.map { .string($0) } ?? .null,
            "edited_ts": message.editedTS.map { .string($0) } ?? .null,
            "only_for": message.onlyFor.map { .string($0) } ?? .null, "metadata": message.metadata ?? .null,
            "markdown": .string(markdown.joined(separator: "\n\n")),
            "task_cards": .array(cards.map { ["id": $0["task_id"] ?? .null, "status": $0["status"] ?? .null] }),
            "is_streaming": .bool(message.isStreaming), "is_streamed": .bool(message.isStreamed),
            "is_edited": .bool(message.isEdited),
        ]
    }

    private static func addThread(_ message: EmulatedMessage, in state: WorkspaceState, to json: inout JSONObject) {
        if message.isReply, let root = message.threadTS {
            json["thread_ts"] = .string(root)
            if let parent = state.message(channel: message.channel, ts: root) {
                json["parent_user_id"] = .string(parent.user)
            }
            return
        }
        let replies = state.replies(channel: message.channel, ts: message.ts)
        guard let last = replies.last else { return }
        var users: [String] = []
        for reply in replies where !users.contains(reply.user) { users.append(reply.user) }
        json["thread_ts"] = .string(message.ts)
        json["reply_count"] = .int(Int64(replies.count))
        json["reply_users_count"] = .int(Int64(users.count))
        json["reply_users"] = .array(users.map { .string($0) })
        json["latest_reply"] = .string(last.ts)
    }

    /// A client_msg_id that is derived from the ts, so that it is the same in every response.
    private static func clientID(_ message: EmulatedMessage) -> String {
        let digits = message.ts.filter { $0 != "." }
        let padded = String(repeating: "0", count: max(0, 20 - digits.count)) + digits
        return "e0e0e0e0-0000-4000-\(padded.prefix(4))-\(padded.suffix(12))"
    }
}
