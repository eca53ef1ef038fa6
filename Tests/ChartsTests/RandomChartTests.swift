import Foundation
import Testing

@testable import Charts

@Suite("Charts of any content", .timeLimit(.minutes(3)))
struct RandomChartTests {
    @Test("1,000 random charts are images", arguments: 0..<10)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        for _ in 0..<100 {
            let chart = Self.chart(&random)
            let (width, height) = (Int.random(in: 1...400, using: &random), Int.random(in: 1...300, using: &random))
            let image = DecodedImage(png: try chart.png(width: width, height: height))
            #expect(image?.width == width && image?.height == height, "\(chart)")
            #expect(!chart.altText.isEmpty)
        }
    }

    @Test("a chart of the usual size with thousands of points is an image", arguments: Chart.Kind.allCases)
    func large(kind: Chart.Kind) throws {
        let values = (0..<5_000).map { Double($0 * 7_919 % 400) }
        let labels = values.indices.map { "place \($0)" }
        let chart = Chart(
            kind: kind, title: "Large", unit: .count, labels: labels,
            series: [Chart.Series(name: "a", values: values), Chart.Series(name: "b", values: values.reversed())])
        #expect(try #require(try chart.image()).count(of: Pixel.white) < 400_000)
    }

    @Test("memory does not grow")
    func memory() throws {
        let chart = Chart.sample(.line, unit: .usd, [0.1, .nan, 0.3, 0.2], [0.4, 0.5, 0.6, 0.1])
        for _ in 0..<20 { _ = try chart.png(width: 480, height: 240) }
        // Other suites of this process allocate too, so the least growth of three rounds counts. An image that is not
        // freed has 460 kB, so that a round of 170 would grow by 78 MB.
        var least = Int.max
        for _ in 0..<3 {
            let before = Self.residentKilobytes()
            for count in 0..<170 {
                _ = try chart.png(width: 480, height: 240)
                if count % 10 == 0 { #expect(throws: ChartError.self) { try chart.png(width: 40_000) } }
            }
            least = min(least, Self.residentKilobytes() - before)
        }
        #expect(least < 16_384, "500 drawings left \(least) kB")
    }

    private static let words = [
        "", "a", "2026-11-28", "2026-02-30", "ana@acme.example", "bo@acme.example", "\u{0}", "line\nbreak", "日本語", "👩‍👩‍👧",
        String(repeating: "long ", count: 500), String(repeating: "\u{301}", count: 300), "12", "مرحبا",
    ]

    private static let numbers: [Double] = [
        0, -0.0, 1, -1, 12, 1e-9, 1e-300, .leastNonzeroMagnitude, 1e9, 1e15, 1e300, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude,
        .nan, .infinity, -.infinity,
    ]

    private static func chart(_ random: inout SeededGenerator) -> Chart {
        let isOrdinary = Bool.random(using: &random)
        let longest = [0, 1, 3, 30, 300].randomElement(using: &random) ?? 0
        let series = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            let values = (0..<Int.random(in: 0...longest, using: &random)).map { _ in
                isOrdinary ? Double.random(in: 0...1000, using: &random) : numbers.randomElement(using: &random) ?? 0
            }
            return Chart.Series(name: words.randomElement(using: &random) ?? "", values: values)
        }
        let labels = (0..<Int.random(in: 0...longest, using: &random)).map { _ in
            words.randomElement(using: &random) ?? ""
        }
        return Chart(
            kind: Chart.Kind.allCases.randomElement(using: &random) ?? .bars,
            title: words.randomElement(using: &random) ?? "",
            unit: Chart.Unit.allCases.randomElement(using: &random) ?? .usd, labels: labels, series: series)
    }

    private static func residentKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}
