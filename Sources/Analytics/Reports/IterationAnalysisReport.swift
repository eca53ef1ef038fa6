import Bridge

/// `get_iteration_analysis`.
enum IterationAnalysisReport {
    private static let mostRows = 20

    static let report = AnalyticsReport(
        "get_iteration_analysis", "Iterations",
        """
        queries with many iterations (model calls, turns, loops): the 20 highest, with warning, tools used and \
        duration, and the average number of iterations of a question. Which questions needed the most steps.
        """,
        [
            .number("min_iterations", 1...1000, default: 5, "Only queries with at least this many iterations."),
            .period,
        ],
        shape: ReportShape(totals: totals, rows: columns.map(\.column), extras: [QuestionList.extraSchema]),
        build: build)

    private static let totals = [
        ReportColumn("questions", "Questions", .count, "The number of all questions of the period"),
        ReportColumn("iterations", "Iterations", .count, "The model calls of all questions"),
        ReportColumn(
            "avg_iterations", "Iterations of a question", .decimal, optional: true, "iterations / questions"),
        ReportColumn("calls", "Tool calls", .count, "The tool calls of all questions that were sent"),
        ReportColumn(
            "warnings", "Questions with a warning", .count,
            "Questions that were cancelled, cut short or reached the iteration limit"),
    ]

    private static let columns: [QuestionColumn] = [
        .iterations, .user, .question, .calls, .tools, .duration, .status, .warning, .cost, .time, .questionID,
    ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let least = context.arguments.number("min_iterations")
        let list = try QuestionList(limit: mostRows) {
            try context.reader.questions(
                QuestionSelection(order: .mostIterations, times: context.times, leastIterations: least), limit: $0)
        }
        let total = try context.totals(context.days)
        let before = try context.daysBefore.map { try context.totals($0) }
        var notes = ReportNotes.unpriced(total)
        if list.isCut { notes.append("There are more; a higher min_iterations or a shorter period shows others.") }
        return try context.result(
            ReportParts(
                totals: values(total), before: before.map(values),
                rows: QuestionColumn.table("Queries of \(least) and more iterations", columns, list.shown),
                extras: [list.extra], notes: notes))
    }

    private static func values(_ figures: UsageFigures) -> [JSONValue] {
        [
            .int(figures.questions), .int(figures.iterations),
            ReportRatio.decimalMean(figures.iterations, over: figures.questions), .int(figures.calls),
            .int(figures.warnings),
        ]
    }
}
