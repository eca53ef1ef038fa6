import Testing

@testable import Charts

@Suite("A chart in words")
struct AltTextTests {
    @Test("one series: what is drawn, the smallest, the largest and the last value")
    func one() {
        let chart = Chart(
            kind: .bars, title: "Cost per day", unit: .usd, labels: ["2026-11-26", "2026-11-27", "2026-11-28"],
            series: [Chart.Series(name: "cost", values: [0.02, 1.2, 0.5])])
        #expect(
            chart.altText == """
                Cost per day. Bar chart in US dollars, 3 points from 2026-11-26 to 2026-11-28. Smallest $0.02 (2026-11-26), \
                largest $1.20 (2026-11-27), last $0.50 (2026-11-28).
                """)
    }

    @Test("several series have their names; gaps are left out")
    func several() {
        let chart = Chart.sample(.line, unit: .milliseconds, labels: ["a", "b", "c"], [900, 1_500, .nan], [.nan], [7])
        #expect(
            chart.altText == """
                Title. Line chart in time, 3 points from a to c. series 0: smallest 900 ms (a), largest 1.5 s (b), \
                last 1.5 s (b). series 1: no data. series 2: value 7 ms (a).
                """)
    }

    @Test("no data is said")
    func empty() {
        #expect(Chart.sample(.bars, []).altText == "Title. Bar chart with no data.")
        let nameless = Chart(kind: .line, title: "", unit: .count, labels: [], series: [])
        #expect(nameless.altText == "Line chart with no data.")
    }

    @Test("it has at most 1,000 characters and no line breaks")
    func bounded() {
        let long = String(repeating: "long \n", count: 1_000)
        let chart = Chart(
            kind: .line, title: long, unit: .usd, labels: [long, long],
            series: (0..<2_000).map { Chart.Series(name: long, values: [-1e15 + Double($0), 1e-9]) })
        #expect(chart.altText.count <= 1_000)
        #expect(!chart.altText.contains("\n"))
        #expect(chart.altText.hasSuffix("1,996 more series."))
    }
}
