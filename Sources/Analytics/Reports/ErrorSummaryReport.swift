import Bridge

/// `get_error_summary`.
enum ErrorSummaryReport {
    static let report = AnalyticsReport(
        "get_error_summary", "Errors",
        """
        error summary: number of errors and failures, success and error rate, the most frequent error messages, errors \
        by day, failing tools, and blocked attempts. With mcp_name or tool_name the calls of that server or tool are \
        counted instead of questions. What goes wrong, how many errors are there, failure rate.
        """,
        [
            .period, .text("mcp_name", "Only calls of this MCP server."),
            .text("tool_name", "Only calls of this tool: its name, or server.tool."),
        ],
        shape: ReportShape(
            totals: totals, rows: messages, lists: [("tools", tools), ("blocked", blocked), ("days", days)],
            extras: extras),
        build: build)

    private static let totals = [
        ReportColumn("total", "Counted", .count, "Questions, or with a filter calls that were sent; see counted"),
        ReportColumn("errors", "Errors", .count, "Those that failed; of questions also blocked ones"),
        ReportColumn("successes", "Without error", .count, "total - errors"),
        ReportColumn("error_percent", "Error rate", .percent, optional: true, "errors in percent of total"),
        ReportColumn("warnings", "Warnings", .count, "Questions with a warning; 0 with a filter"),
        ReportColumn("blocked", "Blocked questions", .count, "Questions that a rule or limit refused; 0 with a filter"),
        ReportColumn("failed_calls", "Failed tool calls", .count, "Sent calls that failed or whose effect is unknown"),
        ReportColumn("denied_calls", "Blocked tool calls", .count, "Calls that the policy denied"),
    ]

    private static let messages = [
        ReportColumn("mcp", "Server", .text, optional: true, "The server of a failed call; absent for questions"),
        ReportColumn("tool", "Tool", .text, optional: true, "The tool of a failed call; absent for questions"),
        ReportColumn("message", "Error", .text, "The error, at most 200 characters; refusals are in blocked"),
        ReportColumn("count", "Count", .count, "How often it occurred"),
        ReportColumn("last_at", "Last", .time, optional: true, "When it occurred last, UTC"),
    ]

    private static let tools = [
        ReportColumn("mcp", "Server", .text, "The server"), ReportColumn("tool", "Tool", .text, "The tool"),
        ReportColumn("calls", "Calls", .count, "Calls that were sent"),
        ReportColumn("failed_calls", "Failed", .count, "Sent calls that failed or whose effect is unknown"),
        ReportColumn("error_percent", "Error rate", .percent, optional: true, "failed_calls in percent of calls"),
        ReportColumn("denied_calls", "Blocked", .count, "Calls that the policy denied"),
    ]

    private static let blocked = [
        ReportColumn("message", "Refusal", .text, "Code and message of the refusal, at most 200 characters"),
        ReportColumn("count", "Count", .count, "How often it occurred"),
        ReportColumn("last_at", "Last", .time, optional: true, "When it occurred last, UTC"),
    ]

    private static let days = [
        ReportColumn("day", "Day", .text, "The day; at most 30, newest first"),
        ReportColumn("total", "Counted", .count, "As in totals"),
        ReportColumn("errors", "Errors", .count, "As in totals"),
        ReportColumn("error_percent", "Error rate", .percent, optional: true, "errors in percent of total"),
    ]

    private static let extras: [(key: String, schema: JSONValue)] = [
        (
            "counted",
            [
                "type": "string", "enum": ["questions", "calls"],
                "description": "What totals and days count: questions, or with a filter tool calls.",
            ]
        ),
        ("mcp_name", ["type": "string", "description": "The filter."]),
        ("tool_name", ["type": "string", "description": "The filter."]),
    ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let filter = ErrorFilter(context.arguments)
        let total = try context.reader.usage(filter.usage(context.days))
        let before = try context.daysBefore.map { try context.reader.usage(filter.usage($0)) }
        let byDay = try context.reader.usage(filter.usage(context.days), by: [.day])
        let errors = Dictionary(
            byDay.map { ($0.group.day, Double(filter.errors($0.figures))) }, uniquingKeysWith: { first, _ in first })
        return try context.result(
            ReportParts(
                totals: values(total, filter), before: before.map { values($0, filter) },
                rows: try messageTable(context, filter),
                lists: [
                    try toolTable(context, filter), try blockedTable(context, filter), dayTable(byDay, filter),
                ],
                extras: filter.extras, notes: try notes(context, filter, total),
                chart: try context.chart(.bars, "Errors by day", .count, series: "Errors", errors)))
    }

    private static func values(_ figures: UsageFigures, _ filter: ErrorFilter) -> [JSONValue] {
        let (total, errors) = (filter.total(figures), filter.errors(figures))
        return [
            .int(total), .int(errors), .int(total - errors), ReportRatio.percent(errors, of: total),
            .int(figures.warnings), .int(figures.blocked), .int(figures.failedCalls), .int(figures.deniedCalls),
        ]
    }

    private static func messageTable(_ context: ReportContext, _ filter: ErrorFilter) throws -> ReportTable {
        let found = try context.reader.errors(
            filter.messages(context.days), refusals: filter.isEmpty ? false : nil, limit: 10)
        let rows = found.map { error -> [JSONValue] in
            [
                filter.isEmpty ? .null : .string(error.name), filter.isEmpty ? .null : .string(error.detail),
                .string(error.message), .int(error.count), time(error),
            ]
        }
        return ReportTable(title: "Most frequent errors", columns: messages, rows: rows)
    }

    private static func toolTable(_ context: ReportContext, _ filter: ErrorFilter) throws -> ReportTable {
        let found = try context.reader.usage(filter.tools(context.days), by: [.name, .detail])
            .filter { $0.figures.failedCalls > 0 || $0.figures.deniedCalls > 0 }
            .sorted { one, other in
                let left = (other.figures.failedCalls, other.figures.deniedCalls, one.group.name, one.group.detail)
                return left < (one.figures.failedCalls, one.figures.deniedCalls, other.group.name, other.group.detail)
            }
        let rows = found.prefix(10).map { sum -> [JSONValue] in
            [
                .string(sum.group.name), .string(sum.group.detail), .int(sum.figures.calls),
                .int(sum.figures.failedCalls),
                ReportRatio.percent(sum.figures.failedCalls, of: sum.figures.calls), .int(sum.figures.deniedCalls),
            ]
        }
        return ReportTable(title: "Tools with failed or blocked calls", columns: tools, rows: rows)
    }

    private static func blockedTable(_ context: ReportContext, _ filter: ErrorFilter) throws -> ReportTable {
        guard filter.isEmpty else { return ReportTable(title: "Blocked questions", columns: blocked, rows: []) }
        let found = try context.reader.errors(filter.messages(context.days), refusals: true, limit: 10)
        let rows = found.map { error -> [JSONValue] in [.string(error.message), .int(error.count), time(error)] }
        return ReportTable(title: "Blocked questions", columns: blocked, rows: rows)
    }

    private static func dayTable(_ byDay: [UsageSum], _ filter: ErrorFilter) -> ReportTable {
        let rows = byDay.sorted { $0.group.day > $1.group.day }.prefix(30).map { sum -> [JSONValue] in
            let (total, errors) = (filter.total(sum.figures), filter.errors(sum.figures))
            return [.string(sum.group.day), .int(total), .int(errors), ReportRatio.percent(errors, of: total)]
        }
        return ReportTable(title: "Errors by day", columns: days, rows: rows)
    }

    private static func notes(
        _ context: ReportContext, _ filter: ErrorFilter, _ total: UsageFigures
    ) throws -> [String] {
        guard !filter.isEmpty else { return [] }
        guard total.calls == 0, total.deniedCalls == 0 else {
            return ["Counted are calls of \(ReportFormat.cell(filter.description)), not questions."]
        }
        let servers = try context.reader.usage(RollupSelection(.server, context.days), by: [.name])
        let names = servers.map(\.group.name).sorted().prefix(20).map { ReportFormat.cell($0) }
        let known = names.isEmpty ? "none" : names.joined(separator: ", ")
        return [
            "No call of \(ReportFormat.cell(filter.description)) is recorded in this period. Servers with calls: \(known)."
        ]
    }

    private static func time(_ error: ErrorCount) -> JSONValue {
        error.lastAt.map { JSONValue.string(Timestamp.text($0)) } ?? .null
    }
}
