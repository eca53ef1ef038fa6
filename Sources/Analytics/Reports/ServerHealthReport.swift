import Bridge

/// `get_mcp_health_summary`.
enum ServerHealthReport {
    static let report = AnalyticsReport(
        "get_mcp_health_summary", "MCP servers",
        """
        health of the MCP servers: which are enabled, healthy, down or unhealthy, their tools, and of the last 7 days \
        the requests or calls, success rate and latency (average, median, p95, p99). Status of all servers.
        """,
        [], shape: ReportShape(totals: totals, rows: rows), build: build)

    private static let totals = [
        ReportColumn("servers", "Servers", .count, optional: true, "The number of rows; absent for the period before"),
        ReportColumn("healthy", "Healthy", .count, optional: true, "Healthy servers; absent for the period before"),
        ReportColumn("calls", "Calls", .count, "Calls that were sent"),
        ReportColumn("failed_calls", "Failed calls", .count, "Sent calls that failed or whose effect is unknown"),
        ReportColumn(
            "success_percent", "Success rate", .percent, optional: true, "Other calls in percent of the sent ones"),
    ]

    private static let rows =
        [
            ReportColumn("mcp", "Server", .text, "The server's name"),
            ReportColumn("state", "State", .text, "Its state, or not observed if only calls of it are known"),
            ReportColumn("enabled", "Enabled", .flag, optional: true, "Whether the configuration enables it"),
            ReportColumn("healthy", "Healthy", .flag, optional: true, "Whether it was healthy or degraded"),
            ReportColumn("problem", "Problem", .text, optional: true, "What is wrong"),
            ReportColumn("url", "Address", .text, optional: true, "Address or command"),
            ReportColumn("tool_count", "Tools", .count, optional: true, "The number of tools that it offers"),
            ReportColumn("calls", "Calls", .count, "Calls that were sent"),
            ReportColumn("previous_calls", "Before", .count, "Calls of the 7 days before"),
            ReportColumn("change", "Change", .change, "The change against previous_calls"),
            ReportColumn("failed_calls", "Failed", .count, "Sent calls that failed or whose effect is unknown"),
            ReportColumn(
                "success_percent", "Success", .percent, optional: true, "Other calls in percent of the sent ones"),
        ] + LatencyFigures.columns(of: "the calls") + [
            ReportColumn("last_check", "Last check", .time, optional: true, "When it was observed last, UTC"),
            ReportColumn("consecutive_failures", "Failures", .count, optional: true, "Failed checks in a row"),
        ]

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let observed = try context.reader.servers()
        let calls = try context.groups(by: .mcp, context.days, context.times)
        let before = try context.daysBefore.map { try context.groups(by: .mcp, $0, context.timesBefore) } ?? [:]
        let latency = try context.reader.latency(RollupSelection(.server, context.days), by: [.name])
        let known = Dictionary(observed.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(known.keys).union(calls.keys).sorted()
        let rows = names.map { name in
            row(
                name, known[name], calls[name] ?? UsageFigures(), before[name] ?? UsageFigures(),
                latency[RollupGroup(name: name)])
        }
        let healthy = observed.count { $0.isHealthy && $0.isEnabled }
        let isObserved = !observed.isEmpty
        return try context.result(
            ReportParts(
                totals: [.int(Int64(names.count)), .int(Int64(healthy))] + values(calls),
                before: [.null, .null] + values(before),
                rows: ReportTable(title: "MCP servers", columns: Self.rows, rows: rows),
                notes: isObserved || names.isEmpty ? [] : ["The state of these servers is not recorded."]))
    }

    private static func values(_ servers: [String: UsageFigures]) -> [JSONValue] {
        let calls = servers.values.reduce(0) { $0 + $1.calls }
        let failed = servers.values.reduce(0) { $0 + $1.failedCalls }
        return [.int(calls), .int(failed), ReportRatio.percent(calls - failed, of: calls)]
    }

    private static func row(
        _ name: String, _ server: ObservedServer?, _ figures: UsageFigures, _ before: UsageFigures,
        _ latency: LatencyHistogram?
    ) -> [JSONValue] {
        let state: [JSONValue] = [
            .string(name), .string(server?.state ?? "not observed"),
            server.map { JSONValue.bool($0.isEnabled) } ?? .null,
            server.map { JSONValue.bool($0.isHealthy) } ?? .null, optional(server?.problem), optional(server?.url),
            server.map { JSONValue.int($0.tools) } ?? .null,
        ]
        let use: [JSONValue] = [
            .int(figures.calls), .int(before.calls), ReportChange.value(figures.calls, before: before.calls),
            .int(figures.failedCalls),
            ReportRatio.percent(figures.calls - figures.failedCalls, of: figures.calls),
        ]
        let check: [JSONValue] = [
            optional(server?.lastCheck), server.map { JSONValue.int($0.consecutiveFailures) } ?? .null,
        ]
        return state + use
            + LatencyFigures.values(sum: figures.milliseconds, count: figures.calls, latency) + check
    }

    private static func optional(_ text: String?) -> JSONValue {
        text.flatMap { $0.isEmpty ? nil : .string($0) } ?? .null
    }
}
