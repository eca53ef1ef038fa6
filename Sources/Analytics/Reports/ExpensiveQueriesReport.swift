import Bridge

/// `get_top_expensive_queries`.
enum ExpensiveQueriesReport {
    static let report = AnalyticsReport(
        "get_top_expensive_queries", "Most expensive queries",
        """
        the top most expensive queries or questions: highest cost first, with user, question, iterations, tools, \
        duration and tokens. Which questions cost the most, what was the costliest.
        """,
        [.limit(10), .period],
        shape: ReportShape(totals: totals, rows: columns.map(\.column), extras: [QuestionList.extraSchema]),
        build: build)

    private static let totals = [
        ReportColumn("cost", "Cost of all questions", .usd, "The cost of all questions of the period"),
        ReportColumn("questions", "Questions", .count, "The number of all questions of the period"),
        ReportColumn("avg_cost", "Average cost of a question", .usd, optional: true, "cost / questions, rounded"),
        ReportColumn(
            "unpriced", "Questions without a known price", .count, "Questions whose cost is not included in any figure"),
    ]

    private static let columns: [QuestionColumn] = [
        .cost, .user, .question, .iterations, .tools, .duration, .tokensInput, .tokensOutput, .tokensCached, .time,
        .model, .isPriceKnown, .questionID,
    ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let list = try QuestionList(limit: context.arguments.number("limit")) {
            try context.reader.mostExpensive(context.times, limit: $0)
        }
        let total = try context.totals(context.days)
        let before = try context.daysBefore.map { try context.totals($0) }
        return try context.result(
            ReportParts(
                totals: values(total), before: before.map(values),
                rows: QuestionColumn.table("Most expensive queries", columns, list.shown), extras: [list.extra],
                notes: list.notes + ReportNotes.unpriced(total, before: before)))
    }

    private static func values(_ figures: UsageFigures) -> [JSONValue] {
        [
            .int(figures.costNano), .int(figures.questions),
            ReportRatio.mean(figures.costNano, over: figures.questions), .int(figures.unpriced),
        ]
    }
}
