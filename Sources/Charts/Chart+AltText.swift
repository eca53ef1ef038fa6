extension Chart {
    /// What the image shows, in words, for those who do not see it: at most 1,000 characters. Of each series the
    /// smallest, the largest and the last value, as "Cost per day. Bar chart in US dollars, 7 points from 2026-11-22 to
    /// 2026-11-28. Smallest $0.02 (2026-11-23), largest $1.20 (2026-11-27), last $0.50 (2026-11-28)."
    package var altText: String {
        let data = PlotData(self)
        let title = Self.brief(title, 80)
        let start = title.isEmpty ? "" : title + (title.last.map { ".!?…".contains($0) } == true ? " " : ". ")
        let kind = kind == .bars ? "Bar chart" : "Line chart"
        guard data.range != nil else { return start + kind + " with no data." }
        var parts = ["\(start)\(kind) in \(unitName), \(points(data.count))."]
        let named = series.count > 1
        for (index, row) in data.rows.prefix(Self.describedSeries).enumerated() {
            let name = Self.brief(series[index].name, 40)
            let figures = figures(of: row)
            parts.append(
                named ? "\(name.isEmpty ? "Series \(index + 1)" : name): \(figures)." : figures.capitalised + ".")
        }
        let more = series.count - Self.describedSeries
        if more > 0 { parts.append("\(UnitText.number(Double(more), decimals: 0)) more series.") }
        return parts.joined(separator: " ")
    }

    private static let describedSeries = 4

    private var unitName: String {
        switch unit {
        case .usd: "US dollars"
        case .milliseconds: "time"
        case .count: "counts"
        case .percent: "percent"
        }
    }

    private func points(_ count: Int) -> String {
        guard count > 1 else { return "one point" + place(0) }
        let (first, last) = (name(of: 0), name(of: count - 1))
        return "\(UnitText.number(Double(count), decimals: 0)) points"
            + (first.isEmpty || last.isEmpty ? "" : " from \(first) to \(last)")
    }

    private func figures(of row: [Double?]) -> String {
        let present = row.enumerated().compactMap { place, value in value.map { (place: place, value: $0) } }
        guard let smallest = present.min(by: { $0.value < $1.value }),
            let largest = present.max(by: { $0.value < $1.value }), let last = present.last
        else { return "no data" }
        let text = UnitText(unit: unit)
        let say = { (found: (place: Int, value: Double)) in text.text(found.value) + place(found.place) }
        guard present.count > 1 else { return "value " + say(last) }
        return "smallest \(say(smallest)), largest \(say(largest)), last \(say(last))"
    }

    /// The label in parentheses, after a space.
    private func place(_ index: Int) -> String {
        let name = name(of: index)
        return name.isEmpty ? "" : " (\(name))"
    }

    private func name(of index: Int) -> String { index < labels.count ? Self.brief(labels[index], 24) : "" }

    private static func brief(_ text: String, _ count: Int) -> String {
        let line = ShortText.line(text)
        return line.count <= count ? line : line.prefix(count - 1) + "…"
    }
}

extension String {
    /// With a capital letter at the beginning.
    fileprivate var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
