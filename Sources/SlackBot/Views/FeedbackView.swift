import Analytics
import Bridge

/// 👍 and 👎 under an answer, and the modal that asks after a 👎 what was wrong.
enum FeedbackView {
    /// The `action_id` of the two buttons. Their value is the question and the vote.
    static let actionID = "answer_feedback"
    /// The `callback_id` of the modal. Its `private_metadata` is the question.
    static let callbackID = "answer_comment"
    /// The `block_id` and the `action_id` of the modal's input.
    static let commentID = "comment"
    /// Slack's limit of an input's text is 3,000 characters.
    private static let longestComment = 2_000

    static func block(_ question: ULID) -> JSONValue {
        func side(_ vote: Feedback.Vote, _ text: String, _ label: String) -> JSONValue {
            [
                "text": ["type": "plain_text", "text": .string(text)], "accessibility_label": .string(label),
                "value": .string("\(question) \(vote.rawValue)"),
            ]
        }
        return [
            "type": "context_actions", "block_id": .string(actionID),
            "elements": [
                [
                    "type": "feedback_buttons", "action_id": .string(actionID),
                    "positive_button": side(.up, "👍", UserMessages.goodAnswer),
                    "negative_button": side(.down, "👎", UserMessages.badAnswer),
                ]
            ],
        ]
    }

    /// The vote that a pressed button stands for; nil for the value of another button.
    static func vote(_ value: String) -> Feedback.Vote? {
        let words = value.split(separator: " ")
        return words.count == 2 ? Int64(words[1]).flatMap(Feedback.Vote.init(rawValue:)) : nil
    }

    static func modal(_ question: ULID) -> JSONValue {
        [
            "type": "modal", "callback_id": .string(callbackID), "private_metadata": .string(question.text),
            "title": TextObject.plain(UserMessages.whatWasWrong), "submit": TextObject.plain(UserMessages.sendComment),
            "close": TextObject.plain(UserMessages.skipComment),
            "blocks": [
                [
                    "type": "input", "block_id": .string(commentID), "optional": true,
                    "label": TextObject.plain(UserMessages.commentLabel),
                    "element": [
                        "type": "plain_text_input", "action_id": .string(commentID), "multiline": true,
                        "max_length": .int(Int64(longestComment)),
                    ],
                ]
            ],
        ]
    }

    /// The comment of a submitted modal with its question; nil when a field is missing. The comment is empty when the
    /// user wrote none.
    static func comment(_ view: JSONValue?) -> (question: ULID, text: String)? {
        guard let question = view?["private_metadata"]?.string.flatMap({ ULID($0) }),
            let input = view?["state"]?["values"]?[commentID]?[commentID]
        else { return nil }
        return (question, (input["value"]?.string ?? "").trimmingSpace)
    }
}
