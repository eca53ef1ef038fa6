import Bridge
import Foundation

@testable import Analytics

/// Reproducible random numbers (SplitMix64).
struct RollupRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Questions with random outcomes, users, places, calls and times.
struct RollupSamples {
    private var random: RollupRandom

    init(seed: UInt64) { random = RollupRandom(state: seed) }

    private mutating func one<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// Questions that ended in the six days from `start` on.
    static func questions(_ count: Int, from start: Date, seed: UInt64) -> [FinishedQuestion] {
        var samples = RollupSamples(seed: seed)
        return (0..<count).map { _ in samples.question(from: start) }
    }

    private mutating func question(from start: Date) -> FinishedQuestion {
        // With fractions of milliseconds, which the store rounds.
        let time = start.addingTimeInterval(Double.random(in: 0..<6 * 86_400, using: &random))
        let (email, role) = one([("ada@example.com", "dba"), ("Ben@Example.com", "qa"), ("ben@example.com", "qa")])
        let asker = Principal(email: email, name: "A", role: role, source: .builtIn("test"))
        let kind = one([Question.Kind.chat, .command, .tool])
        let question = Question(
            asker: asker, text: "why?", place: Place(entryPoint: .slack, channel: "C1"), threadKey: ULID().text,
            kind: kind, askedAt: time.addingTimeInterval(-5))
        let origin = QuestionOrigin(team: "T1", channel: one(["C1", "C2", nil]))
        return FinishedQuestion(question, origin: origin, outcome: outcome(), finishedAt: time)
    }

    private mutating func outcome() -> QuestionOutcome {
        let usage = usage()
        let text = one(["The tool failed.", "A zero byte\0", String(repeating: "long ü ", count: 60)])
        let failure = Failure(
            error: BridgeError(one([.toolFailed, .deadline]), text), errorID: "E-00000000", usage: usage)
        switch number(0...6) {
        case 0: return .refused(Refusal(message: "No.", rule: "a rule", usage: usage))
        case 1: return .failed(failure)
        case 2: return .interrupted(failure)
        case 3: return .cancelled(usage)
        case 4: return .answered(Answer(text: "So.", warning: .truncated, usage: usage))
        default: return .answered(Answer(text: "So.", usage: usage))
        }
    }

    private mutating func usage() -> Usage {
        var usage = Usage()
        usage.iterations = number(0...9)
        usage.tokens = TokenUsage(
            input: number(0...900), output: number(0...900), cacheRead: number(0...900), cacheWrite5m: number(0...90),
            cacheWrite1h: number(0...90))
        usage.cost = Money(nano: Int64(number(0...5_000_000)))
        usage.model = one(["claude", "other", nil])
        usage.priceKnown = number(0...3) > 0
        usage.milliseconds = number(0...90_000)
        usage.calls = (0..<number(0...4)).map { call("\($0)") }
        return usage
    }

    private mutating func call(_ id: String) -> ToolActivity {
        let name = ToolName(server: one(["demo", "ops"]), tool: one(["a", "b"]))
        let outcome = one([ToolActivity.Outcome.succeeded, .succeeded, .failed, .unknown, .denied])
        var call = ToolActivity(
            id: id, name: name, arguments: [:], verdict: outcome == .denied ? Samples.denied : Samples.allowed)
        call.outcome = outcome
        call.milliseconds = number(0...3000)
        if outcome != .succeeded { call.error = one(["It broke.", "It \0 broke.", nil]) }
        return call
    }
}

/// The content of the roll-up tables of days or months as comparable lines, summed over the slots.
extension Store {
    func rollupLines(by grain: RollupGrain = .day) async throws -> [String] {
        try await database.read { connection in
            let time = grain.rawValue
            let key = "dimension, \(time), name, detail"
            let (usageTable, latencyTable) = (RollupTable.usage.name(grain), RollupTable.latency.name(grain))
            let errorTable = RollupTable.errors.name(grain)
            let columns = UsageFigures.columns.map(\.name)
            let sums = columns.map { "sum(\($0)) AS \($0)" }.joined(separator: ", ")
            let last = connection.dialect.selected("last_at", .time)
            func lines(_ sql: String, _ fields: [String]) throws -> [String] {
                try connection.query(sql, []).map { row in fields.map { row.text($0) ?? "?" }.joined(separator: "|") }
            }
            let usage = try lines(
                """
                SELECT \(key), \(columns.joined(separator: ", ")), \(last) FROM (SELECT \(key), \(sums),
                    max(last_at) AS last_at FROM \(usageTable) GROUP BY \(key)) AS sums
                """, ["dimension", time, "name", "detail"] + columns + ["last_at"])
            let latency = try lines(
                "SELECT \(key), bucket, sum(count) AS count FROM \(latencyTable) GROUP BY \(key), bucket",
                ["dimension", time, "name", "detail", "bucket", "count"])
            let errors = try lines(
                """
                SELECT \(key), message, count, \(last) FROM (SELECT \(key), message, sum(count) AS count,
                    max(last_at) AS last_at FROM \(errorTable) GROUP BY \(key), message) AS sums
                """, ["dimension", time, "name", "detail", "message", "count", "last_at"])
            return usage.map { "usage|\($0)" }.sorted() + latency.map { "latency|\($0)" }.sorted()
                + errors.map { "errors|\($0)" }.sorted()
        }
    }
}
