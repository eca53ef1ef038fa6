import Bridge

/// A slash command, or a direct message that stands for one.
struct SlackCommand: Sendable, Hashable {
    /// The command as Slack sends it.
    enum Name: String, Sendable, Hashable {
        case ask = "/omni"
        case help = "/omni-help"
        case status = "/omni-status"
        case admin = "/omni-admin"
        /// Known, and not available in this version.
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
    /// nil for a direct message that stands for the command: the answer is a message there.
    let responseURL: Secret?
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
            text: SlackText.plain(payload["text"]?.string ?? "").trimmingSpace, triggerID: trigger,
            responseURL: Secret(url))
    }

    /// A direct message that stands for the command.
    init(_ name: Name, of message: SlackQuestion) {
        self.init(
            name: name, team: message.team, user: message.user, channel: message.channel,
            channelName: message.channelName, text: message.text, triggerID: message.originKey, responseURL: nil)
    }

    /// The question that `/omni` asks; nil for another command, and without one: `/omni` and `/omni help`.
    var question: SlackQuestion? {
        guard name == .ask, !text.isEmpty, text != "help" else { return nil }
        return SlackQuestion(
            kind: .command, originKey: triggerID, team: team, user: user, channel: channel, channelName: channelName,
            text: text, ts: nil, threadTS: nil, responseURL: responseURL, isExternallyShared: false)
    }
}
