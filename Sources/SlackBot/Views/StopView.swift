import Bridge

/// The button Stop of a question that is being answered.
enum StopView {
    static let actionID = "question_stop"

    static func block(_ question: ULID) -> JSONValue {
        ["type": "actions", "block_id": .string(actionID), "elements": [button(question)]]
    }

    static func button(_ question: ULID) -> JSONValue {
        AnswerActionsView.button(actionID, UserMessages.stop, question)
    }
}
