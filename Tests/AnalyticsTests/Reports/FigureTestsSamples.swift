import Bridge
import Foundation
import TestKit

@testable import Analytics

/// Random questions around a time: most of them in the weeks before it, some at midnights, some in the two days after
/// it. Few values for what is compared and sorted, so that there are ties and zeros.
struct FigureTestsSamples {
    private var random: SplitMix64
    private let now: Int
    /// Times at which local days begin, in milliseconds since 1970.
    private let midnights: [Int]
    private var last: (time: Date, asker: Principal)?

    private init(seed: UInt64, now: Int, midnights: [Int]) {
        random = SplitMix64(seed: seed)
        self.now = now
        self.midnights = midnights
    }

    static func questions(
        _ count: Int, around now: Date, in zone: FigureTestsZone, seed: UInt64
    ) -> [FinishedQuestion] {
        let now = Int((now.timeIntervalSince1970 * 1000).rounded())
        let today = zone.day(now)
        let first = FigureTestsZone.firstOfMonth(today)
        let days = [
            today + 1, today, today - 1, today - 6, today - 7, today - 13, first,
            FigureTestsZone.firstOfMonth(first - 1),
        ]
        var samples = FigureTestsSamples(seed: seed, now: now, midnights: days.compactMap { zone.start(of: $0) })
        return (0..<count).map { samples.question($0) }
    }

    private mutating func one<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func question(_ index: Int) -> FinishedQuestion {
        let (asker, time) = askerAndTime(index)
        let place = Place(entryPoint: one([Place.EntryPoint.slack, .http, .cli]), channel: "C1")
        let question = Question(
            id: ULID(milliseconds: UInt64(now + index), using: &random), asker: asker, text: text(), place: place,
            threadKey: "T1:C1:\(index)", kind: one([Question.Kind.chat, .command, .tool, .mcp]),
            askedAt: time.addingTimeInterval(-5))
        let channel: String? = number(0...5) == 0 ? nil : "C\(number(1...4) == 1 ? number(1...25) : number(1...3))"
        let origin = QuestionOrigin(team: "T1", channel: channel)
        return FinishedQuestion(question, origin: origin, outcome: outcome(), finishedAt: time)
    }

    private mutating func askerAndTime(_ index: Int) -> (Principal, Date) {
        if number(0...14) == 0, let last { return (last.asker, last.time) }
        let few = ["ada@example.com", "ünal@exämple.com", "o'neil@example.com", "ben\"b\"@example.com"]
        // Of equal times of one user the last role would be uncertain.
        let isAtMidnight = index < midnights.count * Self.nearMidnight.count
        let email = isAtMidnight ? "m\(index)@example.com" : one(few + ["user\(number(1...26))@example.com"])
        let asker = Principal(
            email: email, name: one(["Ada", "Ünal Çelik", "王小明", "Bo\"b"]), role: one(Self.roles),
            source: .builtIn("test"))
        let time = time(index)
        last = (time, asker)
        return (asker, time)
    }

    private static let nearMidnight = [-1, -0.4, 0, 1]
    private static let roles = ["dba", "dba", "qa", "o'brien's", "開発"]

    /// With fractions of milliseconds, which the store rounds.
    private mutating func time(_ index: Int) -> Date {
        let milliseconds: Double
        let near = Self.nearMidnight
        if index < midnights.count * near.count {
            milliseconds = Double(midnights[index / near.count]) + near[index % near.count]
        } else {
            let days = one([-80.0, -45, -14, -14, -7, -2, 2])
            milliseconds = Double(now) + Double.random(in: min(days, 0)..<max(days, 0), using: &random) * 86_400_000
        }
        return Date(timeIntervalSince1970: milliseconds / 1000)
    }

    private mutating func text() -> String {
        one([
            "why is it slow?", "a | b\n`c`", "zero \u{0} and ' and \" and \\", "'; DROP TABLE audit_logs; --",
            String(repeating: "é👩‍👩‍👧", count: 100), String(repeating: "x", count: 201),
            String(repeating: "warum? ", count: 90),
            "",
        ])
    }

    private mutating func outcome() -> QuestionOutcome {
        let usage = usage()
        let code = one([ErrorCode.toolFailed, .deadline, .modelUnavailable, .internalError])
        let error = BridgeError(code, message(), hint: one(["", "Ask again."]))
        let failure = Failure(error: error, errorID: "E-\(number(10_000_000...99_999_999))", usage: usage)
        switch number(0...9) {
        case 0: return .refused(Refusal(message: "No: \(message())", rule: "users.yaml:9 roles", usage: usage))
        case 1, 2: return .failed(failure)
        case 3: return .interrupted(failure)
        case 4: return .cancelled(usage)
        case 5:
            return .answered(
                Answer(text: "So.", warning: one([AnswerWarning.truncated, .maxIterations]), usage: usage))
        default: return .answered(Answer(text: "So.", usage: usage))
        }
    }

    /// Two of them differ after their first 200 characters only.
    private mutating func message() -> String {
        let long = String(repeating: "zu lang ü ", count: 30)
        return one([
            "It broke no. \(number(1...14)).", "It broke no. \(number(1...3)).", "zero \u{0} byte", "quotes ' \" \\ %",
            "\(long)one", "\(long)two", "",
        ])
    }

    private mutating func usage() -> Usage {
        var usage = Usage()
        usage.iterations = number(0...9)
        usage.tokens =
            number(0...5) == 0
            ? TokenUsage()
            : TokenUsage(
                input: number(0...9) * 100, output: number(0...900), cacheRead: number(0...90_000),
                cacheWrite5m: number(0...1) * number(0...900), cacheWrite1h: number(0...90))
        usage.cost = Money(nano: Int64(one([0, 1, 1_000_003, 1_000_003, number(0...5_000_000_000)])))
        usage.model = one(["claude-a", "claude-b", "mystery-1", "mystery-2", "offline", nil])
        if usage.model?.hasPrefix("mystery") == true {
            usage.priceKnown = false
            usage.cost = number(0...3) == 0 ? usage.cost : .zero
        }
        if usage.model == "offline" { usage.cost = .zero }
        usage.milliseconds = one([0, 1, 250, 5000, 5000, number(0...90_000), number(0...90_000)])
        usage.calls = (0..<number(0...6)).map { call("c\($0)") }
        return usage
    }

    private static let servers = ["demo", "ops", "söre'n"]

    private mutating func call(_ id: String) -> ToolActivity {
        let tool = number(0...2) == 0 ? "t\(number(10...24))" : one(["a", "b", "größe"])
        let name = ToolName(server: one(Self.servers), tool: tool)
        let outcome = one([ToolActivity.Outcome.succeeded, .succeeded, .succeeded, .failed, .unknown, .denied])
        var call = ToolActivity(
            id: id, name: name, arguments: ["database": "shop"],
            verdict: outcome == .denied ? Samples.denied : Samples.allowed)
        call.outcome = outcome
        call.milliseconds = outcome == .denied ? 0 : one([0, 12, number(0...4000)])
        if outcome != .succeeded { call.error = number(0...4) == 0 ? nil : message() }
        return call
    }
}
