import Bridge

/// `get_cost_summary`.
enum CostSummaryReport {
    private static let groupings: [ReportGrouping] = [.user, .mcp, .day, .channel, .model, .role]

    static let report = AnalyticsReport(
        "get_cost_summary", "Cost",
        """
        total cost and spend of the questions, with the average cost of a query, tokens, the change against the period \
        before and a forecast of this month's cost. How much did we spend, what does it cost, by user, by MCP server, \
        by day, by channel, by model or by role.
        """,
        [.period, .user, .grouping(groupings)],
        shape: ReportShape(totals: totals, rows: rows, extras: extras), build: build)

    private static let totals = [
        ReportColumn("cost", "Total cost", .usd, "The cost of all questions"),
        ReportColumn("questions", "Questions", .count, "The number of questions"),
        ReportColumn("avg_cost", "Average cost of a question", .usd, optional: true, "cost / questions, rounded"),
        ReportColumn("tokens_input", "Input tokens", .count, "Input tokens without cache reads and writes"),
        ReportColumn("tokens_output", "Output tokens", .count, "Output tokens"),
        ReportColumn("tokens_cached", "Cached tokens", .count, "Tokens read from the cache"),
        ReportColumn("tokens_cache_write", "Tokens written to the cache", .count, "Tokens written to the cache"),
        ReportColumn("calls", "Tool calls", .count, "Tool calls that were sent"),
        ReportColumn(
            "unpriced", "Questions without a known price", .count, "Questions whose cost is not included in any figure"),
    ]

    private static let rows = [
        ReportColumn("name", "Name", .text, "The user, server, day, channel, model or role; see group_by"),
        ReportColumn("questions", "Questions", .count, "The number of questions; of a server those that called it"),
        ReportColumn("cost", "Cost", .usd, "The cost; of a server its share by calls"),
        ReportColumn("cost_percent", "Share", .percent, optional: true, "cost in percent of the total cost"),
        ReportColumn("avg_cost", "Average", .usd, optional: true, "cost / questions, rounded"),
        ReportColumn(
            "previous_cost", "Cost before", .usd, optional: true, "The cost of the period before; absent for days"),
        ReportColumn(
            "change", "Change", .change, optional: true, "The change against the period before; absent for days"),
        ReportColumn("unpriced", "Without price", .count, "Questions without a known price; 0 for servers"),
    ]

    private static let extras: [(key: String, schema: JSONValue)] = [
        GroupedReport.groupBySchema(groupings), GroupedReport.userSchema,
        ("forecast", ReportShape.object(MonthForecast.columns)),
        (
            "cost_without_calls_nano",
            ["type": "integer", "description": "With group_by mcp: the cost of questions that called no server."]
        ),
    ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let grouped = try GroupedReport(context) { $0.costNano }
        var parts = ReportParts(
            totals: values(grouped.total), before: grouped.totalBefore.map(values), rows: table(grouped))
        let month = ReportPeriod.month.range(now: context.now, context.calendar)
        let spent = try context.totals(month.firstDay...month.lastDay).cost
        let forecast = MonthForecast(spent: spent, today: month.lastDay, context.calendar)
        parts.extras = grouped.extras + [("forecast", forecast.structured)]
        parts.lines = [forecast.line]
        parts.notes = ReportNotes.unpriced(grouped.total, before: grouped.totalBefore) + grouped.notes
        if grouped.grouping == .mcp {
            let rest = grouped.total.costNano - grouped.all.values.reduce(0) { $0 + $1.costNano }
            parts.extras.append(("cost_without_calls_nano", .int(rest)))
            parts.notes.append("Questions that called no server cost \(Money(nano: rest)).")
        }
        if grouped.grouping == .day {
            parts.chart = try context.chart(
                .bars, "Cost by day", .usd, series: "Cost",
                grouped.all.mapValues { Double($0.costNano) / 1_000_000_000 })
        }
        return try context.result(parts)
    }

    private static func values(_ figures: UsageFigures) -> [JSONValue] {
        [
            .int(figures.costNano), .int(figures.questions),
            ReportRatio.mean(figures.costNano, over: figures.questions), .int(figures.tokensInput),
            .int(figures.tokensOutput), .int(figures.tokensCached), .int(figures.tokensCacheWrite),
            .int(figures.calls), .int(figures.unpriced),
        ]
    }

    private static func table(_ grouped: GroupedReport) -> ReportTable {
        grouped.table("Cost", rows) { figures, before in
            [
                .int(figures.questions), .int(figures.costNano),
                ReportRatio.percent(figures.costNano, of: grouped.total.costNano),
                ReportRatio.mean(figures.costNano, over: figures.questions),
                before.map { JSONValue.int($0.costNano) } ?? .null,
                before.map { ReportChange.value(figures.costNano, before: $0.costNano) } ?? .null,
                .int(figures.unpriced),
            ]
        }
    }
}
