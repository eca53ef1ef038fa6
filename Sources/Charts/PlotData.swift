/// The values of a chart as they are drawn.
struct PlotData {
    /// How many places there are from left to right: one a label, and one for each value without a label.
    let count: Int
    /// A row a series with `count` values; nil is a gap.
    let rows: [[Double?]]
    /// nil if there is no value at all.
    let range: ClosedRange<Double>?
    /// Whether all values are whole numbers.
    let isWhole: Bool

    /// Larger values are drawn as this one, so that differences and products of coordinates are finite.
    static let largest = 1e300

    init(_ chart: Chart) {
        let count = chart.series.map(\.values.count).reduce(chart.labels.count, max)
        let rows = chart.series.map { series in
            (0..<count).map { place in
                place < series.values.count ? Self.plotted(series.values[place]) : nil
            }
        }
        let values = rows.joined().compactMap(\.self)
        self.count = count
        self.rows = rows
        if let lowest = values.min(), let highest = values.max() { range = lowest...highest } else { range = nil }
        isWhole = values.allSatisfy { $0.rounded() == $0 }
    }

    private static func plotted(_ value: Double) -> Double? {
        value.isFinite ? min(max(value, -largest), largest) : nil
    }
}
