package import Bridge

/// The questions of a period, and what they cost without those of unknown price.
package struct ReportTotals: Sendable, Hashable {
    package let questions: Int
    package let cost: Money

    package init(questions: Int, cost: Money) {
        self.questions = questions
        self.cost = cost
    }

    /// The totals of the structured content of a report; zero without any.
    package init(_ structured: JSONValue?) {
        let totals = structured?["totals"]
        self.init(
            questions: totals?["questions"]?.int ?? 0, cost: Money(nano: Int64(totals?["cost_nano"]?.int ?? 0)))
    }
}

/// A server with the 95th percentile of its calls.
package struct ServerLatency: Sendable, Hashable {
    package let server: String
    package let milliseconds: Int

    package init(server: String, milliseconds: Int) {
        self.server = server
        self.milliseconds = milliseconds
    }

    /// The slowest servers of the structured content of `get_mcp_health_summary`, the slowest first.
    package static func slowest(_ structured: JSONObject, atMost most: Int) -> [ServerLatency] {
        let servers = (structured["rows"]?.array ?? []).compactMap { row -> ServerLatency? in
            guard let name = row["mcp"]?.string, let milliseconds = row["p95_ms"]?.int else { return nil }
            return ServerLatency(server: name, milliseconds: milliseconds)
        }
        return Array(servers.sorted { ($1.milliseconds, $0.server) < ($0.milliseconds, $1.server) }.prefix(most))
    }
}
