import Bridge
import Foundation

/// The message with which the asker is asked back: a sentence and a button for each choice.
enum ChoiceView {
    /// The `block_id` of the buttons. Their `action_id` is this, `_` and the index; their value names the question, the
    /// wait and the index.
    static let blockID = "omni_choice"

    /// The `action_id`s of all buttons that there can be.
    static let actionIDs = (0..<mostChoices).map { "\(blockID)_\($0)" } + ["\(blockID)_cancel"]
    /// Slack's limit of elements of an actions block is 25; one is the button that cancels.
    private static let mostChoices = 24

    /// The choice that a pressed button stands for.
    struct Pressed: Sendable, Hashable {
        let question: ULID
        let wait: ULID
        /// Index of ``InputRequest/choices``; nil: the question is to end as cancelled.
        let index: Int?

        /// nil for the value of another button.
        init?(value: String) {
            let parts = value.split(separator: " ")
            guard parts.count == 3, let question = ULID(String(parts[0])), let wait = ULID(String(parts[1])) else {
                return nil
            }
            self.question = question
            self.wait = wait
            if parts[2] == "cancel" {
                index = nil
            } else {
                guard let number = Int(parts[2]) else { return nil }
                index = number
            }
        }

        /// The answer that it stands for; nil when there is no such choice.
        func answer(to request: InputRequest, by email: String) -> InputAnswer? {
            guard let index else { return .cancelled(by: email) }
            return request.choices.indices.contains(index) ? .chosen(request.choices[index], by: email) : nil
        }
    }

    /// The message while the question waits. A button's text has at most 75 characters (Block Kit, "Button element").
    static func open(_ wait: Wait, of question: ULID) -> SlackMessage {
        let choices = wait.request.choices.prefix(mostChoices).enumerated().map {
            (String($0.element.prefix(75)), "\($0.offset)")
        }
        let buttons = (choices + [(UserMessages.cancelChoice, "cancel")]).map { text, index -> JSONValue in
            [
                "type": "button", "action_id": .string("\(blockID)_\(index)"),
                "text": ["type": "plain_text", "text": .string(text)],
                "value": .string("\(question) \(wait.id) \(index)"),
            ]
        }
        var message = SectionView.message(Markdown.escape(wait.request.message))
        message.blocks.append(["type": "actions", "block_id": .string(blockID), "elements": .array(buttons)])
        return message
    }

    /// The message after the wait, without buttons.
    static func ended(_ wait: Wait, _ answer: InputAnswer) -> SlackMessage {
        SectionView.message(UserMessages.choiceEnded(Markdown.escape(wait.request.message), answer))
    }

    /// The wait of an open message; nil for another message.
    static func wait(of body: JSONValue?) -> ULID? {
        SlackMessage(body).blocks.lazy.filter { $0["block_id"]?.string == blockID }
            .compactMap { $0["elements"]?.array?.first?["value"]?.string }.compactMap { Pressed(value: $0)?.wait }.first
    }
}
