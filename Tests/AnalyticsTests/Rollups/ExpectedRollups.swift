import Bridge
import Foundation

@testable import Analytics

/// The lines of ``Store/rollupLines()``, computed from the questions themselves and without the code of the roll-ups.
struct ExpectedRollups {
    /// The offset of the time zone from UTC in seconds.
    let offset: Double
    /// The time of the keys: `day` or `month`.
    let grain: RollupGrain
    private var sums: [String: [String: Int64]] = [:]
    private var times: [String: String] = [:]

    static func lines(
        _ questions: [FinishedQuestion], offset: Double = 0, by grain: RollupGrain = .day
    ) -> [String] {
        var expected = ExpectedRollups(offset: offset, grain: grain)
        for question in questions { expected.add(question) }
        return expected.lines
    }

    private init(offset: Double, grain: RollupGrain) {
        self.offset = offset
        self.grain = grain
    }

    private var lines: [String] {
        func of(_ table: String) -> [String] {
            sums.filter { $0.key.hasPrefix("\(table)|") }.map { key, sums -> String in
                switch table {
                case "usage":
                    let numbers = UsageFigures.columns.map { String(sums[$0.name] ?? 0) }
                    return "\(key)|\(numbers.joined(separator: "|"))|\(times[key] ?? "?")"
                case "latency": return "\(key)|\(sums["count"] ?? 0)"
                default: return "\(key)|\(sums["count"] ?? 0)|\(times[key] ?? "?")"
                }
            }.sorted()
        }
        return of("usage") + of("latency") + of("errors")
    }

    private mutating func count(_ key: String, _ column: String, _ number: Int, _ time: Date) {
        sums[key, default: [:]][column, default: 0] += Int64(number)
        times[key] = max(times[key] ?? "", Timestamp.text(time))
    }

    private mutating func add(_ finished: FinishedQuestion) {
        let (question, usage, time) = (finished.question, finished.outcome.usage, finished.finishedAt)
        let rounded = Timestamp.date(Timestamp.text(time)) ?? time
        let day = String(Timestamp.text(rounded.addingTimeInterval(offset)).prefix(grain == .day ? 10 : 7))
        let sent = usage.calls.filter { $0.outcome != .denied }
        let keys = [
            "total|\(day)||", "user|\(day)|\(question.asker.email.lowercased())|\(question.asker.role)",
            "role|\(day)|\(question.asker.role)|", "channel|\(day)|\(finished.origin.channel ?? "")|",
            "model|\(day)|\(usage.model ?? "")|", "kind|\(day)|\(question.kind.rawValue)|",
        ]
        for key in keys {
            for (column, number) in figures(finished, sent: sent) { count("usage|\(key)", column, number, time) }
            let bucket = LatencyHistogram.bucket(ofMilliseconds: usage.milliseconds)
            count("latency|\(key)|\(bucket)", "count", 1, time)
        }
        if let message = Self.message(finished.outcome) {
            count("errors|question|\(day)|||\(message)", "count", 1, time)
        }
        for call in usage.calls { add(call, day, time) }
        divide(finished, sent, day)
    }

    private func figures(_ finished: FinishedQuestion, sent: [ToolActivity]) -> [(String, Int)] {
        let usage = finished.outcome.usage
        var figures = [
            ("questions", 1), ("calls", sent.count), ("denied_calls", usage.calls.count - sent.count),
            ("failed_calls", sent.filter { $0.outcome != .succeeded }.count), ("iterations", usage.iterations),
            ("tokens_input", usage.tokens.input), ("tokens_output", usage.tokens.output),
            ("tokens_cached", usage.tokens.cacheRead), ("tokens_cache_write", usage.tokens.cacheWrite),
            ("cost_nano", Int(usage.cost.nano)), ("unpriced", usage.priceKnown ? 0 : 1), ("ms", usage.milliseconds),
        ]
        switch finished.outcome {
        case .answered(let answer): figures.append(("warnings", answer.warning == nil ? 0 : 1))
        case .cancelled: figures.append(("warnings", 1))
        case .refused: figures += [("errors", 1), ("blocked", 1)]
        case .failed, .interrupted: figures.append(("errors", 1))
        }
        return figures
    }

    private mutating func add(_ call: ToolActivity, _ day: String, _ time: Date) {
        let (server, tool) = (call.name.server, call.name.tool)
        for key in ["server|\(day)|\(server)|", "tool|\(day)|\(server)|\(tool)"] {
            guard call.outcome != .denied else {
                count("usage|\(key)", "denied_calls", 1, time)
                continue
            }
            count("usage|\(key)", "calls", 1, time)
            count("usage|\(key)", "failed_calls", call.outcome == .succeeded ? 0 : 1, time)
            count("usage|\(key)", "ms", call.milliseconds, time)
            let bucket = LatencyHistogram.bucket(ofMilliseconds: call.milliseconds)
            count("latency|\(key)|\(bucket)", "count", 1, time)
        }
        guard call.outcome == .failed || call.outcome == .unknown else { return }
        let message = Self.cut(call.error ?? call.outcome.rawValue)
        count("errors|tool|\(day)|\(server)|\(tool)|\(message)", "count", 1, time)
    }

    /// Uses of servers and tools, and their parts of the question's cost.
    private mutating func divide(_ finished: FinishedQuestion, _ sent: [ToolActivity], _ day: String) {
        let cost = Int(finished.outcome.usage.cost.nano)
        for (index, call) in sent.enumerated() {
            let part = cost / sent.count + (index == 0 ? cost - cost / sent.count * sent.count : 0)
            for key in ["server|\(day)|\(call.name.server)|", "tool|\(day)|\(call.name.server)|\(call.name.tool)"] {
                count("usage|\(key)", "cost_nano", part, finished.finishedAt)
            }
        }
        for server in Set(sent.map(\.name.server)) {
            count("usage|server|\(day)|\(server)|", "questions", 1, finished.finishedAt)
        }
        for name in Set(sent.map(\.name)) {
            count("usage|tool|\(day)|\(name.server)|\(name.tool)", "questions", 1, finished.finishedAt)
        }
    }

    private static func message(_ outcome: QuestionOutcome) -> String? {
        switch outcome {
        case .refused(let refusal): cut("refused: \(refusal.message)")
        case .failed(let failure), .interrupted(let failure):
            cut("\(failure.error.code.rawValue): \(failure.error.message)")
        case .answered, .cancelled: nil
        }
    }

    private static func cut(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(200))).replacing("\0", with: "\u{FFFD}")
    }
}
