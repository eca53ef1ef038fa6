import Bridge

/// A slash command, or a message that stands for one.
struct SlackCommand: Sendable, Hashable {
    /// The command as Slack sends it.
    enum Name: String, Sendable, Hashable {
        case ask = "/omni"
        case help = "/omni-help"
        case status = "/omni-status"
        case admin = "/omni-admin"
        case tool = "/omni-tool"
        case history = "/omni-history"
    }

    let name: Name
    let team: String
    let user: String
    let channel: String
    /// The channel's name in the payload; nil without one, and for Slack's placeholders.
    let channelName: String?
    /// Plain text, without space at its ends.
    let text: String
    /// Identifies the command: Slack may deliver it twice.
    let triggerID: String
    /// nil for a message that stands for the command.
    let responseURL: Secret?
    /// ts of the root of the thread that the answer goes to; nil for a slash command, which has none.
    var thread: String?
    /// Whether the text was written for the command; not that of a message that stands for it.
    var hasOwnText = true

    /// Whether it was given in a direct message.
    var isDirect: Bool { channel.hasPrefix("D") }
}

extension SlackCommand {
    /// Decodes the payload of an envelope; nil for another command, and when a field is missing.
    init?(_ payload: JSONValue) {
        guard let name = payload["command"]?.string.flatMap(Name.init(rawValue:)),
            let trigger = payload["trigger_id"]?.string, let user = payload["user_id"]?.string,
            let channel = payload["channel_id"]?.string, let team = payload["team_id"]?.string,
            let url = payload["response_url"]?.string
        else { return nil }
        self.init(
            name: name, team: team, user: user, channel: channel,
            channelName: SlackChannel.name(ofCommand: payload["channel_name"]?.string),
            text: Self.text(payload["text"]?.string ?? "", of: name), triggerID: trigger, responseURL: Secret(url))
    }

    /// A message that stands for the command.
    ///
    /// - Parameters:
    ///   - text: the text of the command; nil: that of the message.
    ///   - thread: see ``thread``.
    init(_ name: Name, of message: SlackQuestion, text: String? = nil, thread: String? = nil) {
        self.init(
            name: name, team: message.team, user: message.user, channel: message.channel,
            channelName: message.channelName, text: text ?? message.text, triggerID: message.originKey,
            responseURL: nil, thread: thread, hasOwnText: text != nil)
    }

    /// The text as plain text. An administrator names users by their ids: the names behind them are not unique.
    private static func text(_ text: String, of name: Name) -> String {
        let kept = name == .admin ? text.replacing(#/<@(\w+)\|[^>]*>/#) { "<@\($0.output.1)>" } : text
        return SlackText.plain(kept).trimmingSpace
    }

    /// The question that `/omni` asks; nil for another command, and without one: `/omni` and `/omni help`.
    var question: SlackQuestion? {
        guard name == .ask, !text.isEmpty, text != "help" else { return nil }
        return question(calling: nil)
    }

    /// The question of the command.
    ///
    /// - Parameter call: the call that it consists of; nil: a model answers it.
    func question(calling call: NamedToolCall?) -> SlackQuestion {
        SlackQuestion(
            kind: .command, originKey: triggerID, team: team, user: user, channel: channel, channelName: channelName,
            text: text, ts: nil, threadTS: nil, responseURL: responseURL, isExternallyShared: false, call: call)
    }
}
