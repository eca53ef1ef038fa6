import Testing

@testable import Charts

@Suite("The labels below the axis")
struct AxisLabelsTests {
    /// Ten pixels a character.
    private func measure(_ text: String) -> Double { Double(text.count) * 10 }

    private func arranged(_ texts: [String], width: Double = 900) -> AxisLabels {
        let pitch = width / Double(max(1, texts.count))
        let places = texts.indices.map { 50 + pitch * (Double($0) + 0.5) }
        let space = AxisLabels.Space(places: places, left: 10, right: 50 + width, height: 480, fontSize: 20)
        return AxisLabels(texts, in: space, measure: measure)
    }

    private func days(_ count: Int) -> [String] {
        (0..<count).map { "2026-\($0 / 28 < 9 ? "0" : "")\($0 / 28 + 1)-\($0 % 28 < 9 ? "0" : "")\($0 % 28 + 1)" }
    }

    @Test("labels that fit are all drawn, below their places")
    func all() {
        let labels = arranged(["github", "postgres", "k8s"])
        #expect(!labels.isSlanted)
        #expect(labels.labels.map(\.text) == ["github", "postgres", "k8s"])
        #expect(labels.labels.map(\.x) == [200, 500, 800])
    }

    @Test("days of one year are drawn without it")
    func year() {
        #expect(AxisLabels.withoutYear(["2026-11-09", "2026-12-31"]) == ["Nov 9", "Dec 31"])
        let others = [
            ["2026-12-31", "2027-01-01"], ["2026-13-01"], ["2026-11-09", "other"], ["0000-00-00"], [""], [],
        ]
        for labels in others { #expect(AxisLabels.withoutYear(labels) == labels) }
    }

    @Test("addresses of one domain are drawn without it")
    func domain() {
        #expect(AxisLabels.withoutDomain(["ana@a.example", "bo@a.example"]) == ["ana", "bo"])
        for labels in [["ana@a.example", "bo@b.example"], ["@a", "@a"], ["a", "b"], ["ana@a.example"], []] {
            #expect(AxisLabels.withoutDomain(labels) == labels)
        }
    }

    @Test("of many points of a scale every n-th is drawn, and the last")
    func thinned() {
        let labels = arranged(days(300))
        #expect(!labels.isSlanted)
        #expect((5...16).contains(labels.labels.count))
        #expect(labels.labels.last?.place == 299)
        let distances = Set(zip(labels.labels, labels.labels.dropFirst()).map { $1.place - $0.place })
        #expect(distances.count == 1)
    }

    @Test("names that do not fit side by side are slanted and shortened")
    func slanted() {
        let labels = arranged((0..<12).map { "a-server-with-a-very-long-name-\($0)" })
        #expect(labels.isSlanted)
        #expect(labels.labels.count == 12)
        #expect(labels.labels.allSatisfy { $0.text.hasPrefix("a-") && $0.text.hasSuffix("…") })
        #expect(labels.height < 240)
    }

    @Test("a few long names are shortened to their places")
    func shortened() {
        let labels = arranged((0..<3).map { "name \($0) " + String(repeating: "x", count: 5_000) })
        #expect(!labels.isSlanted)
        #expect(labels.labels.count == 3)
        #expect(labels.labels.allSatisfy { $0.text.count <= 29 && $0.text.hasSuffix("…") })
    }

    @Test("labels never overlap and stay in the image", arguments: 0..<20)
    func overlap(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        for _ in 0..<50 {
            let count = Int.random(in: 0...([5, 30, 400].randomElement(using: &random) ?? 5), using: &random)
            let longest = Int.random(in: 0...40, using: &random)
            let texts = (0..<count).map { _ in
                String(
                    repeating: Bool.random(using: &random) ? "m" : "1",
                    count: Int.random(in: 0...longest, using: &random))
            }
            let width = Double.random(in: 20...1000, using: &random)
            let labels = arranged(texts, width: width)
            if labels.isSlanted {
                #expect(width / Double(count) >= 30)
                continue
            }
            for label in labels.labels {
                #expect(
                    label.x - measure(label.text) / 2 >= 9.999 && label.x + measure(label.text) / 2 <= 50.001 + width)
            }
            for (one, other) in zip(labels.labels, labels.labels.dropFirst()) {
                #expect(one.x + measure(one.text) / 2 + 12 <= other.x - measure(other.text) / 2 + 0.001)
            }
        }
    }

    @Test("a legend has at most two rows and counts what does not fit")
    func legend() {
        let names = (0..<20).map { "series \($0)" }
        let legend = Legend(names, left: 10, right: 910, fontSize: 20, measure: measure)
        #expect(legend.rows == 2)
        let named = legend.entries.compactMap(\.series)
        #expect(named == Array(0..<named.count))
        #expect(legend.entries.last?.text == "+\(20 - named.count) more")
        #expect(legend.entries.allSatisfy { $0.x + measure($0.text) <= 910 })
        #expect(Legend(["one"], left: 10, right: 910, fontSize: 20, measure: measure).rows == 0)
        #expect(Legend(["one", "two"], left: 10, right: 910, fontSize: 20, measure: measure).rows == 1)
    }

    @Test("line breaks and other controls become spaces")
    func controls() {
        #expect(ShortText.line("a\nb\u{0}c\u{2028}d\u{7F}") == "a b c d ")
        #expect(ShortText.line(String(repeating: "e\u{301}", count: 100_000)).unicodeScalars.count == 121)
    }
}
