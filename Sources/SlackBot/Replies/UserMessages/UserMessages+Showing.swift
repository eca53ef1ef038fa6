import Analytics

// The button under a private answer.
extension UserMessages {
    static let showToEveryone = "Show to everyone"

    /// The response to a press of the button in a channel that is shared with another organisation.
    static let notShownOutside = "I do not show this here: other organisations read this channel too."

    /// The response to a press of the button; nil without one, as the answer follows.
    static func pressed(_ result: PublicationResult) -> String? {
        switch result {
        case .planned: nil
        case .alreadyPublic: "Everyone can see this answer already."
        case .undelivered: "I am still sending you this. Please press the button again in a moment."
        case .refused: answerNotKept
        }
    }

    /// To the asker, when the bot may not post where the answer was to be shown; `code` is Slack's.
    static func cannotShow(_ code: String) -> String {
        switch code {
        case "not_in_channel", "channel_not_found":
            """
            I am not in this conversation, so I could not show the answer. Add me to it with `/invite` and my name, and \
            press again.
            """
        default: "Slack does not let me show the answer here (`\(Markdown.escape(code))`). It stays between us."
        }
    }
}
