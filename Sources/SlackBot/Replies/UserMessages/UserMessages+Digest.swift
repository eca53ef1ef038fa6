import Bridge
import Foundation

/// The text of the scheduled digest, in Markdown.
extension UserMessages {
    /// The title of the chart in a digest's thread.
    static let digestChart = "Cost by day"

    /// One line if there was no question.
    static func digest(_ digest: DigestMessage) -> String {
        let title = "**Digest of \(words(digest.period))** (\(days(digest)))"
        guard digest.totals.questions > 0 else {
            let before = digest.before.questions
            return "\(title): no questions\(before > 0 ? ", \(before) in \(wordsBefore(digest.period))" : "")."
        }
        var lines = [cost(digest), questions(digest)]
        if !digest.slowest.isEmpty {
            let servers = digest.slowest.map { "\(code($0.server)) \(duration($0.milliseconds))" }
            lines.append("**Slowest servers**, p95 of 7 days: \(servers.joined(separator: ", "))")
        }
        if !digest.tools.isEmpty {
            let tools = digest.tools.map { "\(code("\($0.name)")) \(count($0.calls, "call"))" }
            lines.append("**Most used tools**: \(tools.joined(separator: ", "))")
        }
        if digest.unpriced > 0 {
            lines.append(
                "\(count(digest.unpriced, "question")) used a model without a known price; the cost is not included")
        }
        return "\(title)\n\n\(lines.map { "- \($0)" }.joined(separator: "\n"))"
    }

    private static func cost(_ digest: DigestMessage) -> String {
        let (now, before) = (digest.totals.cost, digest.before.cost)
        let change = change(Double(now.nano), Double(before.nano)).map {
            ", \($0) from \(amount(before)) in \(wordsBefore(digest.period))"
        }
        let forecast = digest.forecast.map { "; estimate for \($0.month): \(amount($0.estimate))" }
        return "**Cost**: \(amount(now))\(change ?? "")\(forecast ?? "")"
    }

    private static func questions(_ digest: DigestMessage) -> String {
        let (now, before) = (digest.totals.questions, digest.before.questions)
        let change = change(Double(now), Double(before)).map { ", \($0) from \(before)" } ?? ""
        let share = percent(Double(digest.errors) / Double(now) * 100)
        let errors = digest.errors == 0 ? "none with an error" : "\(digest.errors) with an error (\(share))"
        return "**Questions**: \(now)\(change); \(errors)"
    }

    private static func words(_ period: DigestSettings.Period) -> String {
        switch period {
        case .today: "today"
        case .week: "the last 7 days"
        case .month: "this month"
        }
    }

    private static func wordsBefore(_ period: DigestSettings.Period) -> String {
        switch period {
        case .today: "the day before"
        case .week: "the 7 days before"
        case .month: "the month before"
        }
    }

    private static func days(_ digest: DigestMessage) -> String {
        digest.firstDay == digest.lastDay ? digest.lastDay : "\(digest.firstDay) to \(digest.lastDay)"
    }

    /// nil if there was nothing before.
    private static func change(_ now: Double, _ before: Double) -> String? {
        before > 0 ? "\(now < before ? "" : "+")\(percent((now - before) / before * 100))" : nil
    }

    private static func percent(_ value: Double) -> String { String(format: "%.1f %%", value) }

    /// Whole cents from one dollar on.
    private static func amount(_ money: Money) -> String {
        money.nano.magnitude < 1_000_000_000 ? "\(money)" : "$\(money.dollars(decimals: 2))"
    }

    private static func count(_ number: Int, _ one: String) -> String { "\(number) \(one)\(number == 1 ? "" : "s")" }

    private static func code(_ name: String) -> String { "`\(name.replacing("`", with: "'"))`" }
}
