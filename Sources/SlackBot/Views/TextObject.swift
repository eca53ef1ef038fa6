import Bridge

/// Block Kit's text objects.
enum TextObject {
    static func plain(_ text: String) -> JSONValue { ["type": "plain_text", "text": .string(text)] }

    /// `verbatim`: Slack makes no links, channels or mentions of bare words.
    static func mrkdwn(_ text: String) -> JSONValue { ["type": "mrkdwn", "text": .string(text), "verbatim": true] }
}
