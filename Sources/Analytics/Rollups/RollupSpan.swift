/// Whose rows are read: those of days, or those of months, which are sums of days.
enum RollupGrain: String, Sendable, Hashable, CaseIterable { case day, month }

/// A month whose days are summed, from its first day up to a last one.
struct SummedMonth: Sendable, Hashable {
    /// `2026-11`.
    let month: String
    /// A day of the month; the last one if the month is over.
    let lastDay: String

    var firstDay: String { "\(month)-01" }
}

/// Consecutive days or months, inclusive, whose rows are read.
struct RollupSpan: Sendable, Hashable {
    let grain: RollupGrain
    /// `2026-11-28` or `2026-11`.
    let range: ClosedRange<String>

    init(_ grain: RollupGrain, _ range: ClosedRange<String>) {
        self.grain = grain
        self.range = range
    }

    /// Divides days into the months that are summed and lie within them, and the other days. Each day is in exactly one
    /// span; the spans are in ascending order.
    ///
    /// - Parameter summed: in ascending order.
    static func spans(of days: ClosedRange<String>, _ summed: [SummedMonth]) -> [RollupSpan] {
        let calendar = ReportingCalendar()
        var spans: [RollupSpan] = []
        var next = days.lowerBound
        for sum in summed where next <= sum.firstDay && sum.lastDay <= days.upperBound {
            if next < sum.firstDay {
                spans.append(RollupSpan(.day, next...calendar.days(adding: -1, to: sum.firstDay)))
            }
            var first = sum.month
            if next == sum.firstDay, let last = spans.last, last.grain == .month {
                spans.removeLast()
                first = last.range.lowerBound
            }
            spans.append(RollupSpan(.month, first...sum.month))
            next = calendar.days(adding: 1, to: sum.lastDay)
        }
        if next <= days.upperBound { spans.append(RollupSpan(.day, next...days.upperBound)) }
        return spans
    }
}
