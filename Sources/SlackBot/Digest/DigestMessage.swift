import Analytics
import Bridge

/// The content of a digest, made from the structured content of four reports.
struct DigestMessage: Sendable, Hashable {
    /// What the month will cost if it goes on like this.
    struct Forecast: Sendable, Hashable {
        /// `2026-11`.
        let month: String
        let estimate: Money
    }

    /// A tool with the number of its calls.
    struct Tool: Sendable, Hashable {
        let name: ToolName
        let calls: Int
    }

    let period: DigestSettings.Period
    /// The first day, `2026-11-22`.
    let firstDay: String
    let lastDay: String
    let totals: ReportTotals
    /// Of the period before.
    let before: ReportTotals
    /// nil if the report has none.
    let forecast: Forecast?
    /// Questions that ended with an error or a refusal.
    let errors: Int
    /// Questions whose cost is unknown.
    let unpriced: Int
    /// By the calls of the last seven days, the slowest first, at most ``most``.
    let slowest: [ServerLatency]
    /// The most used first, at most ``most``.
    let tools: [Tool]

    /// The number of servers and of tools that are named.
    static let most = 5

    /// - Parameters:
    ///   - cost: the structured content of `get_cost_summary`.
    ///   - errors: that of `get_error_summary`.
    ///   - tools: that of `get_tool_popularity`.
    ///   - servers: that of `get_mcp_health_summary`.
    init(
        period: DigestSettings.Period, cost: JSONObject, errors: JSONObject, tools: JSONObject, servers: JSONObject
    ) {
        self.period = period
        firstDay = cost["from"]?.string ?? ""
        lastDay = cost["to"]?.string ?? ""
        totals = ReportTotals(.object(cost))
        before = ReportTotals(cost["previous"])
        forecast = cost["forecast"]?["estimate_nano"]?.int.map {
            Forecast(month: cost["forecast"]?["month"]?.string ?? "", estimate: Money(nano: Int64($0)))
        }
        self.errors = errors["totals"]?["errors"]?.int ?? 0
        unpriced = cost["totals"]?["unpriced"]?.int ?? 0
        slowest = ServerLatency.slowest(servers, atMost: Self.most)
        self.tools = Self.mostUsed(tools["rows"]?.array ?? [])
    }

    /// The text in GitHub's Markdown.
    var markdown: String { UserMessages.digest(self) }

    /// The message for Slack.
    var message: SlackMessage { SectionView.message(Markdown.asMrkdwn(markdown)) }

    private static func mostUsed(_ rows: [JSONValue]) -> [Tool] {
        let tools = rows.compactMap { row -> Tool? in
            guard let server = row["mcp"]?.string, let tool = row["tool"]?.string, let calls = row["calls"]?.int,
                calls > 0
            else { return nil }
            return Tool(name: ToolName(server: server, tool: tool), calls: calls)
        }
        return Array(tools.sorted { ($1.calls, $0.name) < ($0.calls, $1.name) }.prefix(most))
    }
}
