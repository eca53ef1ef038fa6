/// The journal of an earlier attempt, by model turns. The loop takes turns and results from here as long as there are
/// any, instead of requesting them again.
struct Replay: Sendable {
    /// A model turn, and the calls of it that are in the journal, by id.
    struct Turn: Sendable {
        let turn: ModelTurn
        var calls: [String: Call] = [:]
    }

    /// A call in the journal.
    enum Call: Sendable {
        /// May have been sent; no result is stored.
        case started(ToolActivity)
        /// Ended, with the stored result.
        case finished(ToolActivity, ToolResult)

        var activity: ToolActivity {
            switch self {
            case .started(let activity), .finished(let activity, _): activity
            }
        }
    }

    /// The turns that ``next()`` has not returned yet.
    private(set) var turns: [Turn] = []

    /// A call belongs to the newest turn before it; calls before the first turn are ignored.
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

    /// Removes and returns the next turn; nil when there is none left.
    mutating func next() -> Turn? { turns.isEmpty ? nil : turns.removeFirst() }
}
