/// What the loop does after a model turn (Anthropic, "Handling stop reasons").
enum NextStep {
    /// Run the turn's calls; they are complete.
    case runCalls
    /// The text is the final answer.
    case answer(AnswerWarning?)
    /// Only a tool that the asker may not use fits the question.
    indirect case refuse(WithheldTool)
    /// The question fails.
    case fail(BridgeError)
    /// The provider paused the turn: send it back unchanged, and the model continues it.
    case goOn
    /// The turn was empty: ask again with a further user message, since an unchanged request would return an empty turn
    /// again.
    case nudge
    /// The turn was cut inside a call or before any text: request it again with that limit of output tokens.
    case moreRoom(Int)

    /// Steps that are taken at most once in a question; true when not taken yet.
    struct Retries {
        var nudge = true
        var moreRoom = true
    }

    /// - Parameters:
    ///   - said: the text of this turn and of the paused turns before it.
    ///   - isLast: whether this is the last of several permitted turns.
    init(of turn: ModelTurn, in request: ModelRequest, said: String, isLast: Bool, retries: inout Retries) {
        switch turn.stop {
        case .withheld(let tool): self = .refuse(tool)
        case .refusal:
            self = .fail(
                BridgeError(.modelRefused, "The model declined to answer this question.", hint: "Ask it differently."))
        case .maxTokens, .contextExceeded:
            // A call in a turn that was cut may have incomplete input and must not run.
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

    /// After a turn that was cut without a usable answer.
    private static func cut(_ turn: ModelTurn, in request: ModelRequest, retries: inout Retries) -> NextStep {
        guard turn.stop == .maxTokens else {
            return .fail(
                BridgeError(
                    .contextTooLong, "The conversation no longer fits the model.", hint: "Start a new thread."))
        }
        // A provider rejects a request whose `max_tokens` exceeds the model's maximum.
        let most = ModelCapabilities.of(request.model).maxOutput
        guard retries.moreRoom, request.maxTokens < most else {
            return .fail(
                BridgeError(.modelRejected, "The model's turn was cut off.", hint: "Ask for less at once."))
        }
        retries.moreRoom = false
        return .moreRoom(min(request.maxTokens * 2, most))
    }
}
