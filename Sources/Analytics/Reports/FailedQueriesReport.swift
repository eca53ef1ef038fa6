import Bridge

/// `get_failed_queries`.
enum FailedQueriesReport {
    static let report = AnalyticsReport(
        "get_failed_queries", "Failed queries",
        """
        the latest failed queries or questions, newest first: audit id, user, question, error message, error id, \
        servers and tools. Which questions failed, went wrong or were refused, show recent failures.
        """,
        [.limit(10), .period],
        shape: ReportShape(totals: totals, rows: columns.map(\.column), extras: [QuestionList.extraSchema]),
        build: build)

    private static let totals = [
        ReportColumn("questions", "Questions", .count, "The number of all questions of the period"),
        ReportColumn("errors", "Failed queries", .count, "Questions with the status error, blocked ones included"),
        ReportColumn("error_percent", "Error rate", .percent, optional: true, "errors in percent of questions"),
        ReportColumn("blocked", "Of these blocked", .count, "Questions that a rule or limit refused"),
    ]

    private static let columns: [QuestionColumn] = [
        .time, .user, .question, .error, .errorCode, .errorID, .isBlocked, .servers, .tools, .duration, .cost,
        .auditID, .questionID,
    ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let list = try QuestionList(limit: context.arguments.number("limit")) {
            try context.reader.questions(
                QuestionSelection(order: .newest, times: context.times, status: .error), limit: $0)
        }
        let total = try context.totals(context.days)
        let before = try context.daysBefore.map { try context.totals($0) }
        return try context.result(
            ReportParts(
                totals: values(total), before: before.map(values),
                rows: QuestionColumn.table("Latest failed queries", columns, list.shown), extras: [list.extra],
                notes: list.notes + ReportNotes.unpriced(total)))
    }

    private static func values(_ figures: UsageFigures) -> [JSONValue] {
        [
            .int(figures.questions), .int(figures.errors),
            ReportRatio.percent(figures.errors, of: figures.questions), .int(figures.blocked),
        ]
    }
}
