import Bridge

/// The button "Show to everyone", for the asker of a private answer.
enum ShowToEveryoneView {
    static let actionID = "show_to_everyone"
    private static let blockID = "show_to_everyone"
    /// Slack's limit of a message.
    private static let mostBlocks = 50

    /// The message with the button below it; without it when it has as many blocks as Slack allows.
    static func adding(to message: SlackMessage, _ question: ULID) -> SlackMessage {
        var message = message
        guard message.isRich, message.blocks.count < mostBlocks else { return message }
        message.blocks.append([
            "type": "actions", "block_id": .string(blockID),
            "elements": [
                [
                    "type": "button", "action_id": .string(actionID), "value": .string(question.text),
                    "text": ["type": "plain_text", "text": .string(UserMessages.showToEveryone)],
                ]
            ],
        ])
        return message
    }

    /// The message without the button.
    static func removing(from message: SlackMessage) -> SlackMessage {
        var message = message
        message.blocks.removeAll { $0["block_id"]?.string == blockID }
        return message
    }
}
