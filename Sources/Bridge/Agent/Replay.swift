/// What the journal holds of an earlier attempt, handed out turn by turn: the loop runs as always, and what was done
/// before is taken from here instead of being done again.
struct Replay: Sendable {
    /// A turn of the model, with what is known of its calls by their ids.
    struct Turn: Sendable {
        let turn: ModelTurn
        var calls: [String: Call] = [:]
    }

    enum Call: Sendable {
        /// Sent, perhaps; its result was never stored.
        case started(ToolActivity)
        case finished(ToolActivity, ToolResult)

        var activity: ToolActivity {
            switch self {
            case .started(let activity), .finished(let activity, _): activity
            }
        }
    }

    private(set) var turns: [Turn] = []

    init(_ steps: [QuestionStep] = []) {
        for step in steps {
            switch step {
            case .modelTurn(let turn): turns.append(Turn(turn: turn))
            case .toolStarted(let activity): note(.started(activity))
            case .toolResult(let activity, let result): note(.finished(activity, result))
            }
        }
    }

    private mutating func note(_ call: Call) {
        guard let last = turns.indices.last else { return }
        turns[last].calls[call.activity.id] = call
    }

    /// The next turn of the earlier attempt; nil when from here on all is new.
    mutating func next() -> Turn? { turns.isEmpty ? nil : turns.removeFirst() }
}
