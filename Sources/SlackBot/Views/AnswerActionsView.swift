import Bridge

/// The buttons under an answer, in its last message: Show to everyone, Continue, Retry and Show details, and below them the
/// feedback. Slack takes feedback buttons in a context_actions block only, and other buttons in an actions block only.
struct AnswerActionsView: Sendable {
    static let continueID = "answer_continue"
    static let retryID = "answer_retry"
    static let detailsID = "answer_details"
    static let blockID = "answer_actions"
    /// Slack's limit of a message.
    private static let mostBlocks = 50

    private let question: ULID
    private let mayBeShown: Bool
    private let mayContinue: Bool
    private let isOn: Bool

    /// - Parameters:
    ///   - mayBeShown: whether the asker may show the private answer to everyone.
    ///   - mayContinue: whether a later question of the thread has what was found for this one.
    ///   - isOn: whether there are other buttons than Show to everyone.
    init(_ question: ULID, mayBeShown: Bool, mayContinue: Bool = false, isOn: Bool) {
        self.question = question
        self.mayBeShown = mayBeShown
        self.mayContinue = mayContinue
        self.isOn = isOn
    }

    /// The messages of the outcome with the buttons in the last one; without the blocks that exceed Slack's limit.
    func adding(to messages: [SlackMessage], _ outcome: QuestionOutcome) -> [SlackMessage] {
        guard var last = messages.last, last.isRich else { return messages }
        for block in blocks(outcome) where last.blocks.count < Self.mostBlocks { last.blocks.append(block) }
        return messages.dropLast() + [last]
    }

    private func blocks(_ outcome: QuestionOutcome) -> [JSONValue] {
        var buttons = mayBeShown ? [ShowToEveryoneView.button(question)] : []
        var feedback: [JSONValue] = []
        if isOn {
            switch outcome {
            case .refused: break
            case .answered(let answer):
                if mayContinue, answer.warning == .maxIterations {
                    buttons.append(Self.button(Self.continueID, UserMessages.continueAnswer, question))
                }
                buttons += repetitionAndDetails
                feedback = [FeedbackView.block(question)]
            case .failed, .interrupted, .cancelled: buttons += repetitionAndDetails
            }
        }
        guard !buttons.isEmpty else { return feedback }
        return [["type": "actions", "block_id": .string(Self.blockID), "elements": .array(buttons)]] + feedback
    }

    private var repetitionAndDetails: [JSONValue] {
        [
            Self.button(Self.retryID, UserMessages.retry, question),
            Self.button(Self.detailsID, UserMessages.showDetails, question),
        ]
    }

    /// A button whose value is the question.
    static func button(_ actionID: String, _ text: String, _ question: ULID) -> JSONValue {
        [
            "type": "button", "action_id": .string(actionID), "value": .string(question.text),
            "text": ["type": "plain_text", "text": .string(text)],
        ]
    }
}
