import Analytics
import Bridge
import Foundation

/// The figures of the audit log that administrators see in the App Home, from the structured content of three reports.
struct HomeFigures: Sendable, Hashable {
    /// A message of an error, with the number of questions that ended with it.
    struct ErrorCount: Sendable, Hashable {
        let message: String
        let count: Int
    }

    /// The numbers of messages and of servers that are named.
    private static let (mostMessages, mostServers) = (3, 5)

    /// Of today.
    let totals: ReportTotals
    /// Questions of today that ended with an error or a refusal.
    let errors: Int
    /// Tool calls of today that failed or whose effect is unknown.
    let failedCalls: Int
    /// The most frequent first.
    let messages: [ErrorCount]
    /// By the calls of the last seven days, the slowest first.
    let slowest: [ServerLatency]

    /// - Parameters:
    ///   - cost: the structured content of `get_cost_summary`.
    ///   - errors: that of `get_error_summary`.
    ///   - servers: that of `get_mcp_health_summary`.
    init(cost: JSONObject, errors: JSONObject, servers: JSONObject) {
        totals = ReportTotals(.object(cost))
        self.errors = errors["totals"]?["errors"]?.int ?? 0
        failedCalls = errors["totals"]?["failed_calls"]?.int ?? 0
        messages = (errors["rows"]?.array ?? []).prefix(Self.mostMessages).compactMap { row in
            guard let message = row["message"]?.string, let count = row["count"]?.int else { return nil }
            return ErrorCount(message: message, count: count)
        }
        slowest = ServerLatency.slowest(servers, atMost: Self.mostServers)
    }

    /// Reads the reports. Throws ``StoreError`` and ``ReportProblem``.
    static func read(at now: Date, in store: Store) async throws -> HomeFigures {
        let today: JSONObject = ["period": .string(ReportPeriod.today.rawValue)]
        return HomeFigures(
            cost: try await AnalyticsReports.costSummary.run(today, in: store, now: now).structured,
            errors: try await AnalyticsReports.errorSummary.run(today, in: store, now: now).structured,
            servers: try await AnalyticsReports.serverHealth.run([:], in: store, now: now).structured)
    }
}

extension ReportTotals {
    /// The questions of one user since local midnight. Throws ``StoreError`` and ``ReportProblem``.
    static func today(of email: String, at now: Date, in store: Store) async throws -> ReportTotals {
        let arguments: JSONObject = ["period": .string(ReportPeriod.today.rawValue), "user_id": .string(email)]
        let result = try await AnalyticsReports.costSummary.run(arguments, in: store, now: now)
        return ReportTotals(.object(result.structured))
    }
}
