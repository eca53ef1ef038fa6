import Bridge

/// `get_token_usage`.
enum TokenUsageReport {
    private static let groupings: [ReportGrouping] = [.user, .day, .model]

    static let report = AnalyticsReport(
        "get_token_usage", "Token usage",
        """
        token usage: input, output and cached tokens, tokens written to the cache, and their sum. How many tokens were \
        used or consumed, by user, by day or by model.
        """,
        [.period, .user, .grouping(groupings)],
        shape: ReportShape(
            totals: figures + [ReportColumn("iterations", "Model calls", .count, "The number of model calls")],
            rows: rows, extras: [GroupedReport.groupBySchema(groupings), GroupedReport.userSchema]),
        build: build)

    private static let figures = [
        ReportColumn(
            "tokens", "Tokens", .count, "The sum of tokens_input, tokens_output, tokens_cached and tokens_cache_write"),
        ReportColumn("tokens_input", "Input", .count, "Input tokens without cache reads and writes"),
        ReportColumn("tokens_output", "Output", .count, "Output tokens"),
        ReportColumn("tokens_cached", "Cached", .count, "Tokens read from the cache"),
        ReportColumn("tokens_cache_write", "Written to the cache", .count, "Tokens written to the cache"),
        ReportColumn("questions", "Questions", .count, "The number of questions"),
        ReportColumn("cost", "Cost", .usd, "The cost"),
        ReportColumn("unpriced", "Without price", .count, "Questions whose cost is not included"),
    ]

    private static let rows =
        [ReportColumn("name", "Name", .text, "The user, day or model; see group_by")] + figures + [
            ReportColumn(
                "previous_tokens", "Tokens before", .count, optional: true,
                "tokens of the period before; absent for days"),
            ReportColumn(
                "change", "Change", .change, optional: true, "The change of tokens; absent for days"),
        ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let grouped = try GroupedReport(context) { sum($0) }
        var parts = ReportParts(
            totals: values(grouped.total) + [.int(grouped.total.iterations)],
            before: grouped.totalBefore.map { values($0) + [.int($0.iterations)] },
            rows: grouped.table("Tokens", rows) { figures, before in
                let comparison: [JSONValue] = [
                    before.map { JSONValue.int(sum($0)) } ?? .null,
                    before.map { ReportChange.value(sum(figures), before: sum($0)) } ?? .null,
                ]
                return values(figures) + comparison
            })
        parts.extras = grouped.extras
        parts.notes = ReportNotes.unpriced(grouped.total, before: grouped.totalBefore) + grouped.notes
        if grouped.grouping == .day {
            parts.chart = try context.chart(
                .bars, "Tokens by day", .count, series: "Tokens", grouped.all.mapValues { Double(sum($0)) })
        }
        return try context.result(parts)
    }

    private static func sum(_ figures: UsageFigures) -> Int64 {
        figures.tokensInput + figures.tokensOutput + figures.tokensCached + figures.tokensCacheWrite
    }

    private static func values(_ figures: UsageFigures) -> [JSONValue] {
        [
            .int(sum(figures)), .int(figures.tokensInput), .int(figures.tokensOutput), .int(figures.tokensCached),
            .int(figures.tokensCacheWrite), .int(figures.questions), .int(figures.costNano), .int(figures.unpriced),
        ]
    }
}
