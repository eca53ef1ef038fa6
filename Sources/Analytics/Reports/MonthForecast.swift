import Bridge

/// An estimate of what the present month will cost if each of its days costs as much as the days so far, today
/// included.
struct MonthForecast: Sendable {
    static let columns = [
        ReportColumn("month", "Month", .text, "The month, 2026-11"),
        ReportColumn("spent", "Spent", .usd, "The cost of the month so far"),
        ReportColumn("elapsed_days", "Days so far", .count, "The days of the month so far, today included"),
        ReportColumn("month_days", "Days", .count, "The days of the whole month"),
        ReportColumn("estimate", "Estimate", .usd, "spent / elapsed_days * month_days, rounded"),
    ]

    let month: String
    let spent: Money
    let elapsedDays: Int64
    let monthDays: Int64

    /// - Parameters:
    ///   - spent: the cost since the first of the month.
    ///   - today: the local day.
    init(spent: Money, today: String, _ calendar: ReportingCalendar) {
        month = String(today.prefix(7))
        self.spent = spent
        elapsedDays = max(1, Int64(today.suffix(2)) ?? 1)
        monthDays = Int64(calendar.lastDay(ofMonth: month).suffix(2)) ?? 30
    }

    var estimate: Money {
        let nano = Double(spent.nano) / Double(elapsedDays) * Double(monthDays)
        return Money(nano: Int64(exactly: nano.rounded()) ?? .max)
    }

    var structured: JSONValue {
        let values: [JSONValue] = [
            .string(month), .int(spent.nano), .int(elapsedDays), .int(monthDays), .int(estimate.nano),
        ]
        return ReportContext.object(Array(zip(Self.columns, values)))
    }

    /// The line of the summary.
    var line: (label: String, value: String) {
        (
            "Estimate for the whole of \(month)",
            "\(estimate) (\(spent) in \(elapsedDays) of \(monthDays) days; an estimate, not a bill)"
        )
    }
}
