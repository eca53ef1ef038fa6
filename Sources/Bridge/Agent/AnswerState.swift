import Foundation

/// The state of one answer: the question, its snapshot of settings, its catalogue of tools, the usage and the images so
/// far.
struct AnswerState: Sendable {
    let question: Question
    let snapshot: SettingsSnapshot
    var catalogue: Catalogue
    var names: WireNames { catalogue.wireNames }
    /// When the question's time is over.
    let deadline: ContinuousClock.Instant
    private let start = ContinuousClock.now
    /// The time that was spent on the question before its waits.
    private let workedBefore: Int
    var usage = Usage()
    /// The images of the tool calls, those of an earlier attempt included.
    var files = AnswerFiles()

    /// - Parameter workedMilliseconds: the time that was spent on the question before its waits.
    init(question: Question, snapshot: SettingsSnapshot, catalogue: Catalogue, workedMilliseconds: Int = 0) {
        self.question = question
        self.snapshot = snapshot
        self.catalogue = catalogue
        workedBefore = workedMilliseconds
        deadline = start + snapshot.limits.remaining(after: workedMilliseconds)
    }

    /// The time that was spent on the question, without its waits.
    var workedMilliseconds: Int { workedBefore + sinceStart }

    private var sinceStart: Int { Int((ContinuousClock.now - start) / .milliseconds(1)) }

    /// A wait that begins now.
    func wait(for request: InputRequest, callID: String) -> Wait {
        Wait(
            callID: callID, request: request, expiresAt: Date(timeIntervalSinceNow: request.timeout / .seconds(1)),
            workedMilliseconds: sinceStart)
    }

    /// The answer with that text.
    func answer(_ text: String, _ warning: AnswerWarning?) -> Answer {
        var answer = Answer(text: text, warning: warning, usage: usage, files: files)
        answer.attachmentNotes = question.attachments.compactMap(\.note)
        return answer
    }

    /// The tools that the asker may use in the question's place, and all others, each sorted by name. Tools that no
    /// model is told of are in neither.
    func offer() -> (tools: [ModelTool], withheld: [WithheldTool]) {
        var tools: [ModelTool] = []
        var withheld: [WithheldTool] = []
        let access = ToolAccess(of: question.asker, in: question.place, snapshot.policy, catalogue)
        for (tool, verdict) in access.entries where catalogue.isTold(tool.name) {
            if verdict.isAllowed, let wireName = names.wireName(of: tool.name) {
                tools.append(ModelTool(wireName: wireName, definition: tool))
            } else {
                withheld.append(WithheldTool(definition: tool, verdict: verdict))
            }
        }
        return (tools, withheld)
    }

    /// Adds a turn of an earlier attempt to the usage, with its calls in the journal; those without a result as
    /// `unknown`.
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

    /// Adds one model turn to the usage, with the tokens of the failed requests before it.
    mutating func charge(_ turn: ModelTurn) {
        usage.iterations += 1
        usage.model = turn.model
        charge(turn.usage, of: turn.model)
        charge(broken: turn.spent)
    }

    /// Adds the tokens of failed requests, by model. A failed turn does not count as an iteration.
    mutating func charge(broken spent: [String: [TokenUsage]]) {
        for (model, requests) in spent.sorted(by: { $0.key < $1.key }) {
            usage.model = usage.model ?? model
            for tokens in requests { charge(tokens, of: model) }
        }
    }

    /// Adds the tokens and the cost of one request, whose price may depend on the length of its prompt.
    private mutating func charge(_ tokens: TokenUsage, of model: String) {
        usage.tokens += tokens
        let price = Pricing.cost(of: tokens, model: model, overrides: snapshot.model.prices)
        usage.cost += price.money
        usage.priceDate = price.date ?? usage.priceDate
        usage.priceKnown = usage.priceKnown && price.known
    }
}
