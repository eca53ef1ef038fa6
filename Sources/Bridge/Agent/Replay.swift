/// The journal of an earlier attempt, by model turns. The loop takes turns and results from here as long as there are
/// any, instead of requesting them again.
struct Replay: Sendable {
    /// A model turn, and what the journal has of its calls.
    struct Turn: Sendable {
        let turn: ModelTurn
        var calls = Calls()
    }

    /// The turns that ``next()`` has not returned yet.
    private(set) var turns: [Turn] = []
    /// What the journal has of calls before the first turn: those of a question that names its tool.
    private(set) var direct = Calls()
    /// The newest wait, if no answer to it is in the journal.
    private(set) var openWait: Wait?
    /// How the newest wait ended; nil when there was none, or it has not ended.
    private(set) var lastAnswer: InputAnswer?
    /// The time that was spent on the question before its newest wait.
    private(set) var workedMilliseconds = 0

    /// A call belongs to the newest turn before it.
    init(_ steps: [QuestionStep] = []) {
        for step in steps {
            switch step {
            case .modelTurn(let turn): turns.append(Turn(turn: turn))
            case .toolStarted(let activity): change { $0[activity.id] = .started(activity) }
            case .toolResult(let activity, let result): change { $0[activity.id] = .finished(activity, result) }
            case .waiting(let wait):
                (openWait, lastAnswer) = (wait, nil)
                workedMilliseconds += wait.workedMilliseconds
                change { $0.wait(wait.callID) }
            case .waitEnded(let id, let answer):
                guard let wait = openWait, wait.id == id else { continue }
                end(wait, answer)
            }
        }
    }

    /// Ends the open wait with that answer.
    mutating func end(_ wait: Wait, _ answer: InputAnswer) {
        (openWait, lastAnswer) = (nil, answer)
        change { $0.answer(answer, to: wait.callID) }
    }

    private mutating func change(_ body: (inout Calls) -> Void) {
        if let last = turns.indices.last { body(&turns[last].calls) } else { body(&direct) }
    }

    /// Removes and returns the next turn; nil when there is none left.
    mutating func next() -> Turn? { turns.isEmpty ? nil : turns.removeFirst() }
}

extension Replay {
    /// The calls of one turn that are in the journal, by id.
    struct Calls: Sendable {
        /// A call in the journal.
        enum Call: Sendable {
            /// May have been sent; no result is stored.
            case started(ToolActivity)
            /// Ended, with the stored result.
            case finished(ToolActivity, ToolResult)
        }

        private var calls: [String: Call] = [:]
        private var inputs: [String: [InputAnswer]] = [:]

        fileprivate(set) subscript(_ id: String) -> Call? {
            get { calls[id] }
            set { calls[id] = newValue }
        }

        /// The asker's answers for the call, oldest first.
        func inputs(of id: String) -> [InputAnswer] { inputs[id] ?? [] }

        /// A call that waits has had no effect (``InputRequired``), so that it is made again.
        fileprivate mutating func wait(_ id: String) { calls[id] = nil }

        fileprivate mutating func answer(_ answer: InputAnswer, to id: String) {
            inputs[id, default: []].append(answer)
        }
    }
}
