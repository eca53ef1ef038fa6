import Analytics
import Bridge

/// The chart of a digest as a PNG.
struct DigestChart: Sendable, Hashable {
    let title: String
    /// For users who do not see the image; at most 1,000 characters, Slack's limit.
    let altText: String
    let png: [UInt8]

    init(title: String, altText: String, png: [UInt8]) {
        self.title = title
        self.altText = String(altText.prefix(1_000))
        self.png = png
    }

    /// Draws the chart of a report; nil if it has none. Throws what the drawing throws.
    init?(_ result: ReportResult) throws {
        guard let chart = result.chart else { return nil }
        self.init(title: UserMessages.digestChart, altText: chart.altText, png: try chart.png())
    }
}
