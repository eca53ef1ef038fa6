/// What a model's turn means for the loop (Anthropic, "Handling stop reasons").
enum NextStep {
    /// Its calls are complete and are run.
    case runCalls
    case answer(AnswerWarning?)
    indirect case refuse(WithheldTool)
    case fail(BridgeError)
    /// The provider paused the turn: it is sent back as it is and goes on.
    case goOn
    /// An empty turn sent again unchanged stays empty; a further user turn helps.
    case nudge
    /// The turn was cut inside a call or before any text: it is asked for again, with that many tokens at most.
    case moreRoom(Int)

    /// What is tried once in a question.
    struct Retries {
        var nudge = true
        var moreRoom = true
    }

    /// - Parameters:
    ///   - said: the text of this turn and of the paused ones before it.
    ///   - isLast: no further turn is possible, though earlier ones were.
    init(of turn: ModelTurn, in request: ModelRequest, said: String, isLast: Bool, retries: inout Retries) {
        switch turn.stop {
        case .withheld(let tool): self = .refuse(tool)
        case .refusal:
            self = .fail(
                BridgeError(.modelRefused, "The model declined to answer this question.", hint: "Ask it differently."))
        case .maxTokens, .contextExceeded:
            // Cut inside a call: its input is incomplete and must not run.
            let isAnswer = turn.calls.isEmpty && !said.isBlank
            self = isAnswer ? .answer(.truncated) : Self.cut(turn, in: request, retries: &retries)
        case .pauseTurn where turn.calls.isEmpty:
            self = isLast && !said.isBlank ? .answer(.maxIterations) : .goOn
        case .endTurn, .toolUse, .stopSequence, .pauseTurn, .unknown:
            if !turn.calls.isEmpty, request.mayCallTools {
                self = .runCalls
            } else if !said.isBlank {
                self = .answer(isLast ? .maxIterations : nil)
            } else if retries.nudge {
                retries.nudge = false
                self = .nudge
            } else {
                self = .fail(BridgeError(.modelRejected, "The model gave an empty answer.", hint: "Ask again."))
            }
        }
    }

    private static func cut(_ turn: ModelTurn, in request: ModelRequest, retries: inout Retries) -> NextStep {
        guard turn.stop == .maxTokens else {
            return .fail(
                BridgeError(
                    .contextTooLong, "The conversation no longer fits the model.", hint: "Start a new thread."))
        }
        // More than a model can give is refused by its provider with the whole request.
        let most = ModelCapabilities.of(request.model).maxOutput
        guard retries.moreRoom, request.maxTokens < most else {
            return .fail(
                BridgeError(.modelRejected, "The model's turn was cut off.", hint: "Ask for less at once."))
        }
        retries.moreRoom = false
        return .moreRoom(min(request.maxTokens * 2, most))
    }
}
