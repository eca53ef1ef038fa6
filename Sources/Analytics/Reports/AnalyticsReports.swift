/// All reports.
package enum AnalyticsReports {
    /// In the order in which they are listed.
    package static let all: [AnalyticsReport] = [
        CostSummaryReport.report, ExpensiveQueriesReport.report, SlowQueriesReport.report,
        IterationAnalysisReport.report, ErrorSummaryReport.report, FailedQueriesReport.report,
        ActiveUsersReport.report, ToolPopularityReport.report, ServerHealthReport.report, TokenUsageReport.report,
        CacheHitRateReport.report,
    ]

    /// The report with that name: `get_cost_summary`, `cost_summary` or `cost-summary`; nil if there is none.
    package static func named(_ name: String) -> AnalyticsReport? {
        let bare = name.lowercased().replacing("-", with: "_")
        return all.first { $0.name == bare || $0.name == "get_\(bare)" }
    }
}
