/// All reports.
package enum AnalyticsReports {
    package static let costSummary = CostSummaryReport.report
    package static let expensiveQueries = ExpensiveQueriesReport.report
    package static let slowQueries = SlowQueriesReport.report
    package static let iterationAnalysis = IterationAnalysisReport.report
    package static let errorSummary = ErrorSummaryReport.report
    package static let failedQueries = FailedQueriesReport.report
    package static let activeUsers = ActiveUsersReport.report
    package static let toolPopularity = ToolPopularityReport.report
    package static let serverHealth = ServerHealthReport.report
    package static let tokenUsage = TokenUsageReport.report
    package static let cacheHitRate = CacheHitRateReport.report

    /// In the order in which they are listed.
    package static let all: [AnalyticsReport] = [
        costSummary, expensiveQueries, slowQueries, iterationAnalysis, errorSummary, failedQueries, activeUsers,
        toolPopularity, serverHealth, tokenUsage, cacheHitRate,
    ]

    /// The report with that name: `get_cost_summary`, `cost_summary` or `cost-summary`; nil if there is none.
    package static func named(_ name: String) -> AnalyticsReport? {
        let bare = name.lowercased().replacing("-", with: "_")
        return all.first { $0.name == bare || $0.name == "get_\(bare)" }
    }
}
