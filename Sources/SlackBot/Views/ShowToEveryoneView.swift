import Bridge

/// The button "Show to everyone", for the asker of a private answer.
enum ShowToEveryoneView {
    static let actionID = "show_to_everyone"

    static func button(_ question: ULID) -> JSONValue {
        AnswerActionsView.button(actionID, UserMessages.showToEveryone, question)
    }

    /// The message without the button.
    static func removing(from message: SlackMessage) -> SlackMessage {
        var message = message
        message.blocks = message.blocks.compactMap { block in
            guard let elements = block["elements"]?.array else { return block }
            let others = elements.filter { $0["action_id"]?.string != actionID }
            guard others.count < elements.count else { return block }
            var rest = block
            rest["elements"] = .array(others)
            return others.isEmpty ? nil : rest
        }
        return message
    }
}
