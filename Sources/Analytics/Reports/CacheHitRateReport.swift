import Bridge

/// `get_cache_hit_rate`.
enum CacheHitRateReport {
    private static let groupings: [ReportGrouping] = [.user, .day, .model]

    static let report = AnalyticsReport(
        "get_cache_hit_rate", "Cache hit rate",
        """
        cache hit rate: the effectiveness of prompt caching, as the share of prompt tokens that were read from the \
        cache. How effective is prompt caching, how many tokens come from the cache, by user, by day or by model.
        """,
        [.period, .user, .grouping(groupings)],
        shape: ReportShape(
            totals: figures, rows: rows, extras: [GroupedReport.groupBySchema(groupings), GroupedReport.userSchema]),
        build: build)

    private static let figures = [
        ReportColumn(
            "hit_percent", "Cache hit rate", .percent, optional: true, "tokens_cached in percent of tokens_prompt"),
        ReportColumn(
            "tokens_prompt", "Prompt tokens", .count, "The sum of tokens_input, tokens_cached and tokens_cache_write"),
        ReportColumn("tokens_cached", "Read from the cache", .count, "Prompt tokens read from the cache"),
        ReportColumn("tokens_cache_write", "Written to the cache", .count, "Prompt tokens written to the cache"),
        ReportColumn("tokens_input", "Not cached", .count, "Prompt tokens neither read from nor written to the cache"),
        ReportColumn("questions", "Questions", .count, "The number of questions"),
    ]

    private static let rows =
        [ReportColumn("name", "Name", .text, "The user, day or model; see group_by")] + figures + [
            ReportColumn(
                "previous_hit_percent", "Rate before", .percent, optional: true,
                "hit_percent of the period before; absent for days")
        ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let grouped = try GroupedReport(context) { prompt($0) }
        var parts = ReportParts(
            totals: values(grouped.total), before: grouped.totalBefore.map(values),
            rows: grouped.table("Cache hit rate", rows) { figures, before in
                values(figures) + [before.map(rate) ?? .null]
            })
        parts.extras = grouped.extras
        parts.notes = grouped.notes
        if grouped.grouping == .day {
            let rates = grouped.all.compactMapValues { rate($0).double }
            parts.chart = try context.chart(
                .line, "Cache hit rate by day", .percent, series: "Hit rate", rates, filled: false)
        }
        return try context.result(parts)
    }

    private static func prompt(_ figures: UsageFigures) -> Int64 {
        figures.tokensInput + figures.tokensCached + figures.tokensCacheWrite
    }

    private static func rate(_ figures: UsageFigures) -> JSONValue {
        ReportRatio.percent(figures.tokensCached, of: prompt(figures))
    }

    private static func values(_ figures: UsageFigures) -> [JSONValue] {
        [
            rate(figures), .int(prompt(figures)), .int(figures.tokensCached), .int(figures.tokensCacheWrite),
            .int(figures.tokensInput), .int(figures.questions),
        ]
    }
}
