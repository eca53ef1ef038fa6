import Bridge

/// The mean and the percentiles of durations, as figures of a report.
enum LatencyFigures {
    /// - Parameter what: whose durations, for the output schema.
    static func columns(of what: String) -> [ReportColumn] {
        [
            ReportColumn("avg_ms", "Average", .milliseconds, optional: true, "The mean duration of \(what)"),
            ReportColumn("p50_ms", "Median", .milliseconds, optional: true, "The median duration of \(what)"),
            ReportColumn("p95_ms", "95th percentile", .milliseconds, optional: true, percentile(95, what)),
            ReportColumn("p99_ms", "99th percentile", .milliseconds, optional: true, percentile(99, what)),
        ]
    }

    private static func percentile(_ number: Int, _ what: String) -> String {
        "The \(number)th percentile of the durations of \(what), exact to 2.5 %"
    }

    /// The values of ``columns(of:)``; all are missing without durations.
    ///
    /// - Parameters:
    ///   - sum: all durations in milliseconds.
    ///   - count: their number.
    static func values(sum: Int64, count: Int64, _ histogram: LatencyHistogram?) -> [JSONValue] {
        let percentiles = [0.5, 0.95, 0.99].map { part -> JSONValue in
            histogram?.percentile(part).map { JSONValue.int(Int64($0)) } ?? .null
        }
        return [ReportRatio.mean(sum, over: count)] + percentiles
    }
}
