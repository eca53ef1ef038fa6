/// What one answer needs all along: the question, its frozen surroundings and what was used so far.
struct AnswerState: Sendable {
    let question: Question
    let snapshot: SettingsSnapshot
    let catalogue: Catalogue
    var names: WireNames { catalogue.wireNames }
    var usage = Usage()

    init(question: Question, snapshot: SettingsSnapshot, catalogue: Catalogue) {
        self.question = question
        self.snapshot = snapshot
        self.catalogue = catalogue
    }

    /// The tools that this asker may use here, and those that he may not, each sorted by name.
    func offer() -> (tools: [ModelTool], withheld: [WithheldTool]) {
        var tools: [ModelTool] = []
        var withheld: [WithheldTool] = []
        for tool in catalogue.tools {
            let verdict = snapshot.policy.verdict(for: question.asker, in: question.place, on: tool)
            if verdict.isAllowed, let wireName = names.wireName(of: tool.name) {
                tools.append(ModelTool(wireName: wireName, definition: tool))
            } else {
                withheld.append(WithheldTool(definition: tool, verdict: verdict))
            }
        }
        return (tools, withheld)
    }

    /// Charges a turn of an earlier attempt, with the calls that are known of it.
    mutating func charge(_ earlier: Replay.Turn) {
        charge(earlier.turn)
        for id in ToolRunner.ids(of: earlier.turn.calls) {
            switch earlier.calls[id] {
            case .finished(let activity, _): usage.calls.append(activity)
            case .started(var activity):
                activity.outcome = .unknown
                usage.calls.append(activity)
            case nil: continue
            }
        }
    }

    /// Charges one model turn, and what was spent on other models before the turn's own answered.
    mutating func charge(_ turn: ModelTurn) {
        usage.iterations += 1
        usage.model = turn.model
        charge(turn.usage, of: turn.model)
        charge(broken: turn.spent)
    }

    /// Charges the tokens of a turn that came to nothing, by model. It is no iteration: nothing of it goes on.
    mutating func charge(broken spent: [String: TokenUsage]) {
        for (model, tokens) in spent.sorted(by: { $0.key < $1.key }) {
            usage.model = usage.model ?? model
            charge(tokens, of: model)
        }
    }

    private mutating func charge(_ tokens: TokenUsage, of model: String) {
        usage.tokens += tokens
        let price = Pricing.cost(of: tokens, model: model, overrides: snapshot.model.prices)
        usage.cost += price.money
        usage.priceDate = price.date ?? usage.priceDate
        usage.priceKnown = usage.priceKnown && price.known
    }
}
