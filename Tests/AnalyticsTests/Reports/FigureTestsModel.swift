import Bridge
import Foundation

@testable import Analytics

/// What a report must say, computed from the generated questions and without any code of reports and roll-ups.
///
/// Percentiles are exact. A text `*` stands for any text.
struct FigureTestsModel: Sendable {
    typealias Questions = [FigureTestsQuestion]

    var questions: Questions
    let zone: FigureTestsZone
    let today: Int
    /// The e-mails of stored users by id.
    var users: [Int64: String] = [:]
    /// The servers that were observed.
    var observed: [ServerStatus] = []

    init(_ questions: Questions, now: Date, in zone: FigureTestsZone) {
        self.questions = questions
        self.zone = zone
        today = zone.day(Int((now.timeIntervalSince1970 * 1000).rounded()))
    }

    /// The structured content of a report's result.
    func expected(_ name: String, _ arguments: JSONObject) -> JSONValue {
        switch name {
        case "get_cost_summary": cost(arguments)
        case "get_token_usage": tokens(arguments)
        case "get_cache_hit_rate": cache(arguments)
        case "get_top_expensive_queries": expensive(arguments)
        case "get_slow_queries": slow(arguments)
        case "get_iteration_analysis": iterations(arguments)
        case "get_failed_queries": failed(arguments)
        case "get_error_summary": errors(arguments)
        case "get_active_users": activeUsers(arguments)
        case "get_tool_popularity": tools(arguments)
        case "get_mcp_health_summary": servers()
        default: .null
        }
    }

    static func period(_ arguments: JSONObject) -> String { arguments["period"]?.string ?? "week" }

    func days(_ period: String) -> ClosedRange<Int> {
        switch period {
        case "today": today...today
        case "week": (today - 6)...today
        case "month": FigureTestsZone.firstOfMonth(today)...today
        default: Int.min...Int.max
        }
    }

    func daysBefore(_ period: String) -> ClosedRange<Int>? {
        let last = days(period).lowerBound
        switch period {
        case "today": return (last - 1)...(last - 1)
        case "week": return (last - 7)...(last - 1)
        case "month": return FigureTestsZone.firstOfMonth(last - 1)...(last - 1)
        default: return nil
        }
    }

    /// The questions of some days, of one user if there is one.
    func of(_ days: ClosedRange<Int>, _ user: String? = nil) -> Questions {
        questions.filter { days.contains($0.day) && (user == nil || $0.user == user) }
    }

    /// The members that all reports have.
    ///
    /// - Parameter totals: the totals of some days.
    func result(_ period: String, rows: [JSONValue], totals: (ClosedRange<Int>) -> JSONValue) -> JSONValue {
        let days = days(period)
        let first = period == "all" ? min(questions.map(\.day).min() ?? today, today) : days.lowerBound
        let present = totals(days)
        var result: JSONValue = [
            "period": .string(period), "from": .string(FigureTestsZone.text(first)),
            "to": .string(FigureTestsZone.text(today)), "totals": present, "rows": .array(rows),
        ]
        if let before = daysBefore(period) {
            let past = totals(before)
            result["previous"] = [
                "from": .string(FigureTestsZone.text(before.lowerBound)),
                "to": .string(FigureTestsZone.text(before.upperBound)), "totals": past,
                "change_percent": Self.changes(present, past),
            ]
        }
        return result
    }

    /// Of all whole numbers.
    private static func changes(_ present: JSONValue, _ past: JSONValue) -> JSONValue {
        var changes: JSONValue = [:]
        for (key, value) in present.object ?? [:] {
            guard case .int(let now) = value, let member = past[key], case .int(let before) = member else { continue }
            let name = key.hasSuffix("_nano") ? String(key.dropLast(5)) : key
            changes[name] = change(Int(now), Int(before))
        }
        return changes
    }

    static func change(_ now: Int, _ before: Int) -> JSONValue {
        if before == 0 { return now == 0 ? .double(0) : .string("new") }
        return .double(Double(now - before) * 100 / Double(before))
    }

    static func percent(_ part: Int, of whole: Int) -> JSONValue? {
        whole == 0 ? nil : .double(Double(part) * 100 / Double(whole))
    }

    /// Rounded half up; nil of nothing.
    static func mean(_ sum: Int, over count: Int) -> Int? { count == 0 ? nil : (2 * sum + count) / (2 * count) }

    /// The smallest number that at least `part` percent of all do not exceed.
    static func percentile(_ part: Int, of numbers: [Int]) -> Int? {
        numbers.isEmpty ? nil : numbers.sorted()[max(1, (part * numbers.count + 99) / 100) - 1]
    }
}

extension [FigureTestsQuestion] {
    func sum(_ number: (FigureTestsQuestion) -> Int) -> Int { reduce(0) { $0 + number($1) } }

    var cost: Int { sum(\.cost) }
    var unpriced: Int { count(where: { !$0.isPriced }) }
    var errors: Int { count(where: { $0.status == "error" }) }
    var calls: Int { sum(\.sent.count) }
}

extension JSONValue {
    mutating func setCount(_ name: String, _ number: Int?) { self[name] = number.map { .int(Int64($0)) } }

    mutating func setText(_ name: String, _ text: String?) { self[name] = text.map { .string($0) } }

    mutating func setTexts(_ name: String, _ texts: [String]) { self[name] = .array(texts.map { .string($0) }) }

    mutating func setMoney(_ name: String, _ nano: Int?) {
        self["\(name)_usd"] = nano.map { .double(Double($0) / 1_000_000_000) }
        setCount("\(name)_nano", nano)
    }

    mutating func setLatency(_ durations: [Int]) {
        setCount("avg_ms", FigureTestsModel.mean(durations.reduce(0, +), over: durations.count))
        for part in [50, 95, 99] { setCount("p\(part)_ms", FigureTestsModel.percentile(part, of: durations)) }
    }
}
