import Bridge

/// The message on which a user chose the message shortcut, as it is kept in the modal until the question is submitted:
/// Slack keeps `private_metadata` with the view, where users can neither see nor change it.
struct ShortcutMessage: Sendable, Hashable {
    let channel: String
    /// nil for Slack's placeholders, and without one.
    let channelName: String?
    let ts: String
    /// ts of the root of its thread; nil outside threads.
    let thread: String?
    /// The message, cut to what a modal can keep: the bot may not be able to read it.
    var quote: QuotedMessage
}

extension ShortcutMessage {
    /// Slack's limit of `private_metadata`, in characters.
    private static let longest = 3_000

    /// Decodes a `message_action`; nil when a field is missing.
    init?(_ payload: JSONValue) {
        guard let message = payload["message"], let channel = payload["channel"]?["id"]?.string,
            let ts = payload["message_ts"]?.string ?? message["ts"]?.string
        else { return nil }
        let names = [message["bot_profile"]?["name"], message["username"], message["user"]]
        self.init(
            channel: channel, channelName: SlackChannel.name(ofCommand: payload["channel"]?["name"]?.string), ts: ts,
            thread: message["thread_ts"]?.string,
            quote: QuotedMessage(
                author: names.lazy.compactMap { $0?.string }.first ?? "unknown", account: message["user"]?.string,
                text: SlackMessageText.full(message)))
    }

    /// Decodes ``metadata``; nil for another text.
    init?(metadata: String) {
        guard let json = try? JSONValue(lenient: Array(metadata.utf8)), let channel = json["channel"]?.string,
            let ts = json["ts"]?.string, let quote = json["quote"].flatMap({ QuotedMessage($0) })
        else { return nil }
        self.init(
            channel: channel, channelName: json["channel_name"]?.string, ts: ts, thread: json["thread"]?.string,
            quote: quote)
    }

    /// The `private_metadata` of the modal, with as much of the message as fits.
    var metadata: String {
        var part = self
        while part.json.text().utf16.count > Self.longest, !part.quote.text.isEmpty {
            part.quote.text = String(part.quote.text.prefix(part.quote.text.count * 3 / 4))
        }
        return part.json.text()
    }

    private var json: JSONValue {
        var json: JSONObject = ["channel": .string(channel), "ts": .string(ts), "quote": quote.json]
        if let channelName { json["channel_name"] = .string(channelName) }
        if let thread { json["thread"] = .string(thread) }
        return .object(json)
    }

    /// The question of a user about this message.
    ///
    /// - Parameter view: id of the modal, which identifies the question.
    func question(_ text: String, by user: String, team: String, view: String) -> SlackQuestion {
        SlackQuestion(
            kind: .shortcut, originKey: view, team: team, user: user, channel: channel, channelName: channelName,
            text: text, ts: nil, threadTS: thread ?? ts, responseURL: nil, isExternallyShared: false, shared: [quote],
            about: ts)
    }
}
