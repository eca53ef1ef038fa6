import Bridge

/// The modal of the message shortcut: the message, and a field for the question about it.
enum AskAboutView {
    /// `callback_id` of the shortcut in the app's manifest, and of the modal.
    static let callbackID = "omni_ask_about"
    private static let blockID = "omni_question"
    private static let actionID = "question"
    /// Block Kit's limit of a modal's title; what is shown of the message; Block Kit's limit of an input.
    private static let (longestTitle, longestExcerpt, longestQuestion) = (24, 300, 3_000)

    /// The view for `views.open`.
    static func modal(_ message: ShortcutMessage, botName: String) -> JSONValue {
        let text = message.quote.text.trimmingSpace
        let excerpt = text.shortened(to: longestExcerpt)
        let field: JSONValue = [
            "type": "input", "block_id": .string(blockID),
            "label": TextObject.plain(UserMessages.yourQuestion),
            "element": [
                "type": "plain_text_input", "action_id": .string(actionID), "multiline": true, "focus_on_load": true,
                "max_length": .int(Int64(longestQuestion)),
                "placeholder": TextObject.plain(UserMessages.questionExample),
            ],
        ]
        let shown: JSONValue = ["type": "section", "text": TextObject.plain(excerpt)]
        return [
            "type": "modal", "callback_id": .string(callbackID), "private_metadata": .string(message.metadata),
            "title": TextObject.plain(String(UserMessages.askAbout(botName).prefix(longestTitle))),
            "submit": TextObject.plain(UserMessages.ask), "close": TextObject.plain(UserMessages.cancel),
            "blocks": .array(excerpt.isEmpty ? [field] : [shown, field]),
        ]
    }

    /// The question in a submitted view; empty without one.
    static func question(in view: JSONValue) -> String {
        (view["state"]?["values"]?[blockID]?[actionID]?["value"]?.string ?? "").trimmingSpace
    }

    /// The acknowledgement that shows an error at the field and keeps the modal open.
    static func refusal(_ text: String) -> Acknowledgement {
        Acknowledgement(payload: ["response_action": "errors", "errors": .object([blockID: .string(text)])])
    }
}
