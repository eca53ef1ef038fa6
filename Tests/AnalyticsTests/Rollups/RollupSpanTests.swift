import Testing

@testable import Analytics

@Suite("Division of a period into months and days")
struct RollupSpanTests {
    private static let summed = [
        SummedMonth(month: "2027-12", lastDay: "2027-12-31"), SummedMonth(month: "2028-01", lastDay: "2028-01-31"),
        SummedMonth(month: "2028-02", lastDay: "2028-02-29"), SummedMonth(month: "2028-03", lastDay: "2028-03-04"),
    ]

    /// The spans as text: `2028-01...2028-02, 2028-03-01...2028-03-09`.
    private static func text(_ first: String, _ last: String, _ summed: [SummedMonth] = summed) -> String {
        RollupSpan.spans(of: first...last, summed).map { span in
            #expect(span.range.lowerBound.count == (span.grain == .day ? 10 : 7))
            return "\(span.range.lowerBound)...\(span.range.upperBound)"
        }.joined(separator: ", ")
    }

    /// First and last day of a period, and the spans.
    static let periods = [
        ("2028-01-01", "2028-01-31", "2028-01...2028-01"),
        ("2028-01-01", "2028-01-30", "2028-01-01...2028-01-30"),
        ("2028-01-02", "2028-01-31", "2028-01-02...2028-01-31"),
        ("2027-12-01", "2028-02-29", "2027-12...2028-02"),
        ("2027-12-31", "2028-01-31", "2027-12-31...2027-12-31, 2028-01...2028-01"),
        ("2028-02-01", "2028-03-01", "2028-02...2028-02, 2028-03-01...2028-03-01"),
        ("2028-03-04", "2028-03-04", "2028-03-04...2028-03-04"),
        // The present month, of which the days up to yesterday are summed.
        ("2028-03-01", "2028-03-04", "2028-03...2028-03"),
        ("2028-03-01", "2028-03-05", "2028-03...2028-03, 2028-03-05...2028-03-05"),
        ("2028-03-01", "2028-03-03", "2028-03-01...2028-03-03"),
        ("2028-04-01", "2028-04-30", "2028-04-01...2028-04-30"),
        ("0000-00-00", "9999-99-99", "0000-00-00...2027-11-30, 2027-12...2028-03, 2028-03-05...9999-99-99"),
    ]

    @Test("months are read where the whole sum is in the period, days for the rest", arguments: periods)
    func period(_ first: String, _ last: String, _ spans: String) {
        #expect(Self.text(first, last) == spans)
    }

    @Test("a month whose sum does not count, or ends in its midst, is read by days")
    func gaps() {
        let some = [Self.summed[0], SummedMonth(month: "2028-01", lastDay: "2028-01-15"), Self.summed[2]]
        #expect(
            Self.text("2027-12-01", "2028-02-29", some)
                == "2027-12...2028-01, 2028-01-16...2028-01-31, 2028-02...2028-02")
        let ends = [Self.summed[0], Self.summed[2]]
        #expect(
            Self.text("2027-12-01", "2028-02-29", ends)
                == "2027-12...2027-12, 2028-01-01...2028-01-31, 2028-02...2028-02")
        #expect(Self.text("2027-12-01", "2028-02-29", []) == "2027-12-01...2028-02-29")
    }

    @Test("each day of each period is read once, and no other, whichever months are summed")
    func exact() {
        // 2027-11-29 to 2028-03-08, which has a border of years and a leap day.
        let days = (21_151...21_251).map { FigureTestsZone.text($0) }
        let ends = days.filter { day in
            let number = Int(day.suffix(2)) ?? 0
            return [1, 2, 4, 15].contains(number) || number > 27
        }
        for choice in 0..<16 {
            let summed = Self.summed.indices.filter { choice & (1 << $0) != 0 }.map { Self.summed[$0] }
            for first in ends {
                for last in ends where first <= last {
                    let spans = RollupSpan.spans(of: first...last, summed)
                    let read = spans.flatMap { Self.days(of: $0, days, summed) }
                    #expect(read == days.filter { (first...last).contains($0) }, "\(first)...\(last): \(spans)")
                    let months = spans.filter { $0.grain == .month }.reduce(0) { count, span in
                        count + summed.filter { span.range.contains($0.month) }.count
                    }
                    #expect(months == summed.filter { first <= $0.firstDay && $0.lastDay <= last }.count)
                }
            }
        }
    }

    /// The days whose figures the rows of a span hold.
    private static func days(of span: RollupSpan, _ days: [String], _ summed: [SummedMonth]) -> [String] {
        guard span.grain == .month else { return days.filter { span.range.contains($0) } }
        let months = summed.filter { span.range.contains($0.month) }
        return months.flatMap { sum in days.filter { $0.hasPrefix(sum.month) && $0 <= sum.lastDay } }
    }
}
