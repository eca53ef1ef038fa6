import Analytics
import Bridge
import Foundation

/// Runs reports: those of a digest, and single ones.
enum DigestReports {
    /// The message of the digest that is due at that time, and the report with its chart.
    ///
    /// The days are those up to the due time's, also when the digest is sent later. Throws ``StoreError`` and
    /// ``ReportProblem``.
    static func read(
        _ period: DigestSettings.Period, due: Date, in store: Store
    ) async throws -> (message: DigestMessage, cost: ReportResult) {
        let arguments: JSONObject = ["period": .string(period.rawValue)]
        let cost = try await run("get_cost_summary", arguments, due, store)
        let errors = try await run("get_error_summary", arguments, due, store)
        let tools = try await run("get_tool_popularity", arguments, due, store)
        let servers = try await run("get_mcp_health_summary", [:], due, store)
        let message = DigestMessage(
            period: period, cost: cost.structured, errors: errors.structured, tools: tools.structured,
            servers: servers.structured)
        return (message, cost)
    }

    /// One report as of that time. Throws as ``read(_:due:in:)``.
    static func run(
        _ name: String, _ arguments: JSONObject, _ due: Date, _ store: Store
    ) async throws -> ReportResult {
        guard let report = AnalyticsReports.named(name) else {
            throw StoreError(.other, "there is no report \(name)")
        }
        return try await report.run(arguments, in: store, now: due)
    }
}
