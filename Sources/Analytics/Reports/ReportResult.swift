package import Bridge
package import Charts

/// The outcome of a report, in words and as data.
package struct ReportResult: Sendable {
    package let title: String
    /// The period in words, `the last 7 days (2026-11-22 to 2026-11-28)`; nil if the report has none.
    package let period: String?
    /// The figures of the whole period.
    package let summary: [(label: String, value: String)]
    package let tables: [ReportTable]
    /// Sentences that limit or explain the figures.
    package let notes: [String]
    /// nil if the report has no rows by day, or fewer than two.
    package let chart: Chart?
    /// `structuredContent` of the tool's result; ``AnalyticsReport/outputSchema`` describes it.
    package let structured: JSONObject

    /// The whole as GitHub's Markdown.
    package var markdown: String {
        var parts = ["## \(title)\(period.map { ": \($0)" } ?? "")"]
        if !summary.isEmpty { parts.append(summary.map { "- \($0.label): \($0.value)" }.joined(separator: "\n")) }
        parts += tables.map(\.markdown)
        parts += notes
        return parts.joined(separator: "\n\n")
    }
}
