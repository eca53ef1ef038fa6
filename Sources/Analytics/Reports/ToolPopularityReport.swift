import Bridge

/// `get_tool_popularity`.
enum ToolPopularityReport {
    static let report = AnalyticsReport(
        "get_tool_popularity", "Most popular tools",
        """
        most popular tools: which tools are used or called most, with number of calls, error rate, average duration \
        and p95, cost, and feedback (thumbs up and down) on the answers. Top tools by usage.
        """,
        [.limit(20), .period],
        shape: ReportShape(totals: totals, rows: rows, extras: [QuestionList.extraSchema]), build: build)

    private static let totals =
        [
            ReportColumn("tools", "Tools", .count, "The number of tools that were called"),
            ReportColumn("calls", "Calls", .count, "Calls that were sent"),
            ReportColumn("failed_calls", "Failed calls", .count, "Sent calls that failed or whose effect is unknown"),
            ReportColumn("error_percent", "Error rate", .percent, optional: true, "failed_calls in percent of calls"),
            ReportColumn("denied_calls", "Blocked calls", .count, "Calls that the policy denied"),
            ReportColumn("cost", "Cost of questions with calls", .usd, "The cost of the questions that called a tool"),
        ] + LatencyFigures.columns(of: "the calls")

    private static let rows =
        [
            ReportColumn("mcp", "Server", .text, "The server"), ReportColumn("tool", "Tool", .text, "The tool"),
            ReportColumn("calls", "Calls", .count, "Calls that were sent"),
            ReportColumn("previous_calls", "Before", .count, optional: true, "Calls of the period before"),
            ReportColumn("change", "Change", .change, optional: true, "The change against previous_calls"),
            ReportColumn("failed_calls", "Failed", .count, "Sent calls that failed or whose effect is unknown"),
            ReportColumn("error_percent", "Error rate", .percent, optional: true, "failed_calls in percent of calls"),
            ReportColumn("denied_calls", "Blocked", .count, "Calls that the policy denied"),
        ] + LatencyFigures.columns(of: "the tool's calls") + [
            ReportColumn("questions", "Questions", .count, "Questions that called the tool"),
            ReportColumn("cost", "Cost", .usd, "The cost of those questions, divided equally over their calls"),
            ReportColumn("feedback_up", "👍", .count, "Positive votes on answers for which the tool was called"),
            ReportColumn("feedback_down", "👎", .count, "Negative votes on answers for which the tool was called"),
        ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let limit = context.arguments.number("limit")
        let tools = try sums(context, context.days)
        let before = try context.daysBefore.map { try sums(context, $0) }
        let latency = try context.reader.latency(RollupSelection(.tool, context.days), by: [.name, .detail])
        let votes = try context.reader.votes(context.times)
        let ordered = tools.sorted { one, other in
            let left = (other.value.calls, one.key.name, one.key.detail)
            return left < (one.value.calls, other.key.name, other.key.detail)
        }
        let rows = ordered.prefix(limit).map { tool, figures in
            row(
                tool, figures, before: before.map { $0[tool]?.calls ?? 0 }, latency[tool],
                votes[tool] ?? ToolVotes())
        }
        let isCut = tools.count > limit
        let questions = try context.totals(context.days)
        return try context.result(
            ReportParts(
                totals: try values(context, context.days, tools),
                before: try context.daysBefore.map { try values(context, $0, before ?? [:]) },
                rows: ReportTable(title: "Most popular tools", columns: Self.rows, rows: rows),
                extras: [("has_more", .bool(isCut))],
                notes: ReportNotes.more(isCut, shown: limit) + ReportNotes.unpriced(questions)))
    }

    private static func sums(
        _ context: ReportContext, _ days: ClosedRange<String>
    ) throws -> [RollupGroup: UsageFigures] {
        let sums = try context.reader.usage(RollupSelection(.tool, days), by: [.name, .detail])
        return Dictionary(sums.map { ($0.group, $0.figures) }, uniquingKeysWith: { first, _ in first })
    }

    private static func row(
        _ tool: RollupGroup, _ figures: UsageFigures, before: Int64?, _ latency: LatencyHistogram?, _ votes: ToolVotes
    ) -> [JSONValue] {
        let use: [JSONValue] = [
            .string(tool.name), .string(tool.detail), .int(figures.calls), before.map { JSONValue.int($0) } ?? .null,
            before.map { ReportChange.value(figures.calls, before: $0) } ?? .null, .int(figures.failedCalls),
            ReportRatio.percent(figures.failedCalls, of: figures.calls), .int(figures.deniedCalls),
        ]
        let effect: [JSONValue] = [
            .int(figures.questions), .int(figures.costNano), .int(votes.up), .int(votes.down),
        ]
        return use + LatencyFigures.values(sum: figures.milliseconds, count: figures.calls, latency) + effect
    }

    private static func values(
        _ context: ReportContext, _ days: ClosedRange<String>, _ tools: [RollupGroup: UsageFigures]
    ) throws -> [JSONValue] {
        var total = UsageFigures()
        for figures in tools.values { total += figures }
        let histogram = try context.reader.latency(RollupSelection(.tool, days))
        let called = tools.values.count { $0.calls > 0 }
        return [
            .int(Int64(called)), .int(total.calls), .int(total.failedCalls),
            ReportRatio.percent(total.failedCalls, of: total.calls), .int(total.deniedCalls), .int(total.costNano),
        ] + LatencyFigures.values(sum: total.milliseconds, count: total.calls, histogram)
    }
}
