import Bridge

/// `get_slow_queries`.
enum SlowQueriesReport {
    static let report = AnalyticsReport(
        "get_slow_queries", "Slow queries",
        """
        the slowest queries or questions, longest duration first, with user, iterations, tools and servers, and the \
        latency of all questions: average response time, median, p95 and p99. What was slow, how long do answers take.
        """,
        [
            .number(
                "min_duration_ms", 0...86_400_000, default: 5000,
                "Only queries that took at least this many milliseconds."),
            .limit(20), .period,
        ],
        shape: ReportShape(
            totals: totals, rows: columns.map(\.column), lists: [("days", days)], extras: [QuestionList.extraSchema]),
        build: build)

    private static let totals =
        [ReportColumn("questions", "Questions", .count, "The number of all questions of the period")]
        + LatencyFigures.columns(of: "all questions")

    private static let columns: [QuestionColumn] = [
        .duration, .user, .question, .iterations, .tools, .servers, .time, .status, .cost, .questionID,
    ]

    private static let days =
        [
            ReportColumn("day", "Day", .text, "The day"),
            ReportColumn("questions", "Questions", .count, "The number of all questions of the day"),
        ] + LatencyFigures.columns(of: "the day's questions")

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let least = context.arguments.number("min_duration_ms")
        let list = try QuestionList(limit: context.arguments.number("limit")) {
            try context.reader.questions(
                QuestionSelection(order: .slowest, times: context.times, leastMilliseconds: least), limit: $0)
        }
        let total = try context.totals(context.days)
        let duration = ReportFormat.duration(milliseconds: Int64(least))
        let byDay = try dayTable(context)
        return try context.result(
            ReportParts(
                totals: try values(context, context.days),
                before: try context.daysBefore.map { try values(context, $0) },
                rows: QuestionColumn.table("Queries of \(duration) and more", columns, list.shown),
                lists: [byDay.table], extras: [list.extra], notes: list.notes + ReportNotes.unpriced(total),
                chart: try context.chart(
                    .line, "95th percentile of the latency by day", .milliseconds, series: "p95", byDay.p95,
                    filled: false)))
    }

    private static func values(_ context: ReportContext, _ days: ClosedRange<String>) throws -> [JSONValue] {
        let figures = try context.totals(days)
        let histogram = try context.reader.latency(context.totalSelection(days))
        return [.int(figures.questions)]
            + LatencyFigures.values(sum: figures.milliseconds, count: figures.questions, histogram)
    }

    /// The newest 30 days with questions, newest first, and the 95th percentile of each.
    private static func dayTable(_ context: ReportContext) throws -> (table: ReportTable, p95: [String: Double]) {
        var selection = context.totalSelection(context.days)
        let sums = try context.reader.usage(selection, by: [.day]).sorted { $0.group.day > $1.group.day }.prefix(30)
        if let first = sums.last?.group.day { selection.days = first...selection.days.upperBound }
        let histograms = try context.reader.latency(selection, by: [.day])
        var p95: [String: Double] = [:]
        let rows = sums.map { sum -> [JSONValue] in
            let histogram = histograms[RollupGroup(day: sum.group.day)]
            p95[sum.group.day] = histogram?.percentile(0.95).map(Double.init)
            let (figures, day) = (sum.figures, sum.group.day)
            return [.string(day), .int(figures.questions)]
                + LatencyFigures.values(sum: figures.milliseconds, count: figures.questions, histogram)
        }
        return (ReportTable(title: "Latency by day", columns: days, rows: rows), p95)
    }
}
