import Charts

extension ReportContext {
    /// The most days of a chart; of more the newest are drawn.
    private static let mostChartDays = 30

    /// A chart of the days of the period.
    ///
    /// - Parameter filled: days without a value are drawn as 0, else left out.
    /// - Returns: nil if there are fewer than two days, or no value.
    func chart(
        _ kind: Chart.Kind, _ title: String, _ unit: Chart.Unit, series: String, _ values: [String: Double],
        filled: Bool = true
    ) throws -> Chart? {
        let first = try firstDay()
        let newest = (0..<Self.mostChartDays).reversed().map { calendar.days(adding: -$0, to: range.lastDay) }
        let days = newest.filter { $0 >= first && (filled || values[$0] != nil) }
        guard days.count > 1, days.contains(where: { values[$0] != nil }) else { return nil }
        return Chart(
            kind: kind, title: title, unit: unit, labels: days,
            series: [Chart.Series(name: series, values: days.map { values[$0] ?? 0 })])
    }
}
