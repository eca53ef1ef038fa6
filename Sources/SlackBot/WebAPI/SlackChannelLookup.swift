import Bridge

/// The channel of messages that Omni posts by itself, as the configuration names it.
extension SlackAPI {
    /// The id of a channel in which the bot can post and read. Needs `channels:read`, and `groups:read` for private
    /// channels.
    ///
    /// - Parameter channel: an id, or a name with `#`.
    /// - Throws: ``SlackError``; `channel_not_found` when no channel that the bot sees has the name, `not_in_channel`
    ///   when the bot is not a member.
    func channelID(_ channel: String) async throws -> String {
        let info = channel.hasPrefix("#") ? try await named(channel) : try await conversationInfo(channel)
        guard info["is_member"]?.bool != false else { throw SlackError("not_in_channel", method: "conversations.info") }
        return info["id"]?.string ?? channel
    }

    /// The channel object of `conversations.list`.
    private func named(_ channel: String) async throws -> JSONValue {
        let method = "conversations.list"
        var cursor: String?
        repeat {
            var arguments = [
                ("types", "public_channel,private_channel"), ("exclude_archived", "true"), ("limit", "500"),
            ]
            if let cursor { arguments.append(("cursor", cursor)) }
            let answer = try await form(method, arguments)
            guard let channels = answer["channels"]?.array else { throw SlackError("bad_answer", method: method) }
            if let found = channels.first(where: { $0["name"]?.string == String(channel.dropFirst()) }) { return found }
            let page = SlackPage(items: channels, cursor: Self.nextCursor(answer))
            cursor = page.next(after: cursor)
        } while cursor != nil
        throw SlackError("channel_not_found", method: method)
    }
}
