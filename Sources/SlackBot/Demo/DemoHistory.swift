import Analytics
import Bridge
import DemoOps
import Foundation

/// The audit log of the demo's last four weeks: questions that were never asked, so that the analytics tools have
/// something to show. The same seed and time yield the same questions.
struct DemoHistory {
    /// Each user's share of the questions.
    private static let shares = [
        ("ana", "dba", 8), ("dan", "power_user", 7), ("ben", "read_only", 3), ("cleo", "admin", 2),
    ]
    private static let days = 28

    private var random: SeededNumbers
    private let now: Date
    private let calendar = Calendar(identifier: .gregorian)

    init(seed: UInt64 = 1, now: Date = Date()) {
        random = SeededNumbers(seed: seed)
        self.now = now
    }

    /// The questions, oldest first; about 600.
    static func questions(seed: UInt64 = 1, now: Date = Date()) -> [FinishedQuestion] {
        var history = DemoHistory(seed: seed, now: now)
        return history.times().map { history.question(endingAt: $0) }
    }

    /// When the questions ended, ascending: few at weekends, and some of today also shortly after midnight.
    private mutating func times() -> [Date] {
        var utc = calendar
        utc.timeZone = .gmt
        let today = utc.startOfDay(for: now)
        var times: [Date] = []
        for day in (1...Self.days).reversed() {
            let start = today.addingTimeInterval(-86_400 * Double(day))
            let count = utc.isDateInWeekend(start) ? random.whole(4...8) : random.whole(20...34)
            for _ in 0..<count { times.append(start.addingTimeInterval(random.fraction(25_200...72_000))) }
        }
        let elapsed = now.timeIntervalSince(today)
        for _ in 0..<18 { times.append(today.addingTimeInterval(random.fraction(0...max(1, elapsed - 1)))) }
        return times.sorted()
    }

    private mutating func question(endingAt end: Date) -> FinishedQuestion {
        let asker = asker()
        let topic = random.one(of: Self.topics, else: Self.topics[0])
        let isSlow = random.whole(1...40) == 1
        var usage = usage(of: topic, isSlow: isSlow)
        let id = ULID(at: end)
        let question = Question(
            id: id, asker: asker.principal, text: topic.text, place: Place(entryPoint: .slack, channel: "C0OPS"),
            threadKey: "demo:\(id)", kind: random.whole(1...3) == 1 ? .command : .chat,
            askedAt: end.addingTimeInterval(-Double(usage.milliseconds) / 1000))
        let outcome: QuestionOutcome
        switch random.whole(1...100) {
        case 1...3: outcome = .failed(failure(id, &usage))
        case 4...5:
            outcome = .refused(
                Refusal(
                    message: "\(asker.principal.name) may not use ops.drop_index.",
                    rule: "mcps.yaml mcps[0].role_restrictions.read_only", usage: usage))
        case 6: outcome = .cancelled(usage)
        default:
            outcome = .answered(
                Answer(
                    text: "Answered in the demo's history.", warning: usage.iterations > 9 ? .maxIterations : nil,
                    usage: usage))
        }
        let origin = QuestionOrigin(channel: "C0OPS", userID: "U0\(asker.name.uppercased())")
        return FinishedQuestion(question, origin: origin, outcome: outcome, finishedAt: end)
    }

    private mutating func asker() -> (name: String, principal: Principal) {
        var ticket = random.whole(1...Self.shares.reduce(0) { $0 + $1.2 })
        let share = Self.shares.first { share in
            ticket -= share.2
            return ticket <= 0
        }
        let (name, role, _) = share ?? Self.shares[0]
        let principal = Principal(
            email: "\(name)@acme.example", name: name.capitalized, role: role,
            source: RuleSource(file: "users.yaml", line: 0, key: "users"))
        return (name, principal)
    }

    private mutating func usage(of topic: Topic, isSlow: Bool) -> Usage {
        var usage = Usage()
        usage.model = random.whole(1...7) == 1 ? "claude-haiku-5-5" : "claude-sonnet-5-5"
        usage.iterations = isSlow ? random.whole(6...10) : topic.tools.count + 1
        for turn in 1...usage.iterations {
            let tokens = TokenUsage(
                input: random.whole(140...900), output: random.whole(120...520),
                cacheRead: turn == 1 ? 0 : random.whole(4_000...9_000),
                cacheWrite5m: turn == 1 ? random.whole(2_000...5_000) : random.whole(0...400))
            let price = Pricing.cost(of: tokens, model: usage.model ?? "")
            usage.tokens += tokens
            usage.cost += price.money
            (usage.priceKnown, usage.priceDate) = (price.known, price.date)
        }
        let repetitions = isSlow ? 2 : 1
        for (number, tool) in (0..<repetitions).flatMap({ _ in topic.tools }).enumerated() {
            usage.calls.append(call(tool, number, isSlow: isSlow))
        }
        let model = usage.iterations * random.whole(600...2_200)
        usage.milliseconds = usage.calls.reduce(model) { $0 + $1.milliseconds }
        return usage
    }

    private mutating func call(_ tool: String, _ number: Int, isSlow: Bool) -> ToolActivity {
        var call = ToolActivity(
            id: "call_\(number + 1)", name: ToolName(server: DemoOps.name, tool: tool), arguments: [:],
            verdict: Verdict(.allow, step: nil, rule: .builtIn("demo"), reason: ""))
        call.milliseconds = isSlow ? random.whole(4_000...20_000) : random.whole(15...900)
        call.resultBytes = random.whole(300...6_000)
        call.outcome = random.whole(1...25) == 1 ? .failed : .succeeded
        if call.outcome == .failed { call.error = "The database did not answer within 30 s." }
        return call
    }

    private mutating func failure(_ id: ULID, _ usage: inout Usage) -> Failure {
        let error =
            random.whole(1...2) == 1
            ? BridgeError(.modelOverloaded, "The model is overloaded.", hint: "Ask again in a minute.")
            : BridgeError(.deadline, "The question took longer than 300 s.", hint: "Ask for less at once.")
        return Failure(error: error, errorID: id.errorID, usage: usage)
    }

    /// A question with the tools that answer it.
    private struct Topic {
        let text: String
        let tools: [String]
    }

    private static let topics = [
        Topic(text: "Why is checkout slow?", tools: ["get_service_health", "list_deploys", "get_top_queries"]),
        Topic(text: "What are the top 5 slowest queries?", tools: ["get_top_queries"]),
        Topic(text: "Is the shop database healthy?", tools: ["get_database_health"]),
        Topic(text: "Which sessions block others in shop?", tools: ["list_blocked_sessions", "list_sessions"]),
        Topic(text: "Who is on call for payments?", tools: ["get_on_call"]),
        Topic(text: "What was deployed since yesterday?", tools: ["list_deploys"]),
        Topic(text: "Which errors do the logs of payments show?", tools: ["search_logs", "get_error_rate"]),
        Topic(text: "Explain query Q-01", tools: ["explain_query"]),
        Topic(text: "Summarise the open incidents", tools: ["list_incidents", "get_incident"]),
        Topic(text: "How large are the tables of the warehouse?", tools: ["get_table_sizes"]),
        Topic(text: "What does ACID stand for?", tools: []),
    ]
}
