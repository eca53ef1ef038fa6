extension SlackAPI {
    /// The address of a message for people (`chat.getPermalink`). Throws ``SlackError``: `message_not_found` for a
    /// deleted message, `channel_not_found` for a conversation that the bot does not see.
    func permalink(_ address: MessageAddress) async throws -> String {
        let method = "chat.getPermalink"
        let answer = try await form(method, [("channel", address.channel), ("message_ts", address.ts)])
        guard let link = answer["permalink"]?.string else { throw SlackError("bad_answer", method: method) }
        return link
    }
}
