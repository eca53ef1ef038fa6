import Analytics
import Bridge
import Foundation

/// Runs the reports of a digest.
enum DigestReports {
    /// The message of the digest that is due at that time, and the report with its chart.
    ///
    /// The days are those up to the due time's, also when the digest is sent later. Throws ``StoreError`` and
    /// ``ReportProblem``.
    static func read(
        _ period: DigestSettings.Period, due: Date, in store: Store
    ) async throws -> (message: DigestMessage, cost: ReportResult) {
        let arguments: JSONObject = ["period": .string(period.rawValue)]
        let cost = try await AnalyticsReports.costSummary.run(arguments, in: store, now: due)
        let errors = try await AnalyticsReports.errorSummary.run(arguments, in: store, now: due)
        let tools = try await AnalyticsReports.toolPopularity.run(arguments, in: store, now: due)
        let servers = try await AnalyticsReports.serverHealth.run([:], in: store, now: due)
        let message = DigestMessage(
            period: period, cost: cost.structured, errors: errors.structured, tools: tools.structured,
            servers: servers.structured)
        return (message, cost)
    }
}
