import Bridge
import Foundation

@testable import Analytics

/// Sample values for the tests of the store.
enum Samples {
    static let asker = Principal(
        email: "ada@example.com", name: "Ada", role: "dba", source: RuleSource(file: "users.yaml", line: 3, key: "ada"))
    /// No process has such an id, so that its successor finds at once that it has ended.
    static let process = ProcessRow(name: "one", host: "localhost", pid: .max)
    static let other = ProcessRow(name: "two", host: "localhost", pid: 2)
    static let allowed = Verdict(
        .allow, step: nil, rule: .builtIn("nothing forbids it"), reason: "", notes: ["database=unspecified"])
    static let denied = Verdict(
        .deny, step: .role, rule: RuleSource(file: "users.yaml", line: 9, key: "roles.dba.denied_tools[0]"),
        reason: "role dba may not use it")

    static func question(
        _ text: String = "why is it slow?", by asker: Principal = asker, thread: String = "T1:C1:1.0",
        at time: Date = Date()
    ) -> Question {
        Question(
            asker: asker, text: text, place: Place(entryPoint: .slack, channel: "C1", channelName: "ops"),
            threadKey: thread, askedAt: time)
    }

    static func call(
        _ id: String, _ tool: String = "get_top_queries", _ outcome: ToolActivity.Outcome = .succeeded,
        arguments: JSONValue = ["database": "shop", "limit": 5]
    ) -> ToolActivity {
        var activity = ToolActivity(
            id: id, name: ToolName(server: "demo", tool: tool), arguments: arguments,
            verdict: outcome == .denied ? denied : allowed)
        activity.outcome = outcome
        activity.milliseconds = 12
        activity.resultBytes = 345
        return activity
    }

    /// A wait of `call-1`.
    static func wait(_ message: String = "Which one?", until end: Date = Date(timeIntervalSinceNow: 600)) -> Wait {
        let request = InputRequest(message: message, choices: ["the shop", "the “other”"], timeout: .seconds(600))
        return Wait(
            callID: "call-1", request: request, expiresAt: Timestamp.rounded(end), workedMilliseconds: 1_250)
    }

    /// 140 input, 346 output and 7,589 cached tokens at the original's rates: 0.80, 4.00 and 0.08 USD per million.
    static func usage(calls: [ToolActivity] = []) -> Usage {
        var usage = Usage()
        usage.iterations = 2
        usage.tokens = TokenUsage(input: 140, output: 346, cacheRead: 7589)
        usage.cost = Money(nano: 140 * 800 + 346 * 4000 + 7589 * 80)
        usage.priceDate = "2025-12-31"
        usage.model = "claude-3-5-haiku"
        usage.calls = calls
        usage.milliseconds = 1234
        return usage
    }

    static func answered(_ text: String = "Because of the index.", calls: [ToolActivity] = []) -> QuestionOutcome {
        .answered(Answer(text: text, usage: usage(calls: calls)))
    }

    static let origin = QuestionOrigin(
        team: "T1", channel: "C1", userID: "U1", messageTS: "1.5", threadTS: "1.0", address: "127.0.0.1",
        userAgent: "test")
}

extension Store {
    /// Accepts a question and claims it, with a lease that outlasts a test on a busy machine, as nothing renews it.
    func begin(_ question: Question, _ process: ProcessRow = Samples.process) async throws -> Claim? {
        _ = try await accept(NewQuestion(question, origin: Samples.origin))
        return try await claim(question.id, for: process, lease: .seconds(600))
    }

    /// Accepts a question, claims it and ends it.
    @discardableResult
    func answer(_ question: Question, _ outcome: QuestionOutcome = Samples.answered(), isPrivate: Bool = false)
        async throws
        -> Bool
    {
        guard let claim = try await begin(question) else { return false }
        return try await finish(
            FinishedQuestion(question, origin: Samples.origin, outcome: outcome, isPrivate: isPrivate), claim)
    }
}
