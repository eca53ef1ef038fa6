package import Bridge
import Charts
import Foundation

/// The reports as tools of the MCP server ``Policy/analyticsServer``, in this process.
package struct AnalyticsTools: MCPToolHandler {
    private let store: Store

    package init(store: Store) { self.store = store }

    /// The definitions; the same at every call.
    package func tools() async throws -> [ToolDefinition] { Self.definitions }

    /// Runs a report: Markdown for the model, structured content, and its chart as an image for the user only. An
    /// unknown tool, and arguments that the report does not allow, are results with `isError`.
    ///
    /// - Throws: ``StoreError`` of the database.
    package func call(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        guard let report = AnalyticsReports.all.first(where: { $0.name == name }) else {
            return .text("There is no tool \"\(name.prefix(80))\".", isError: true)
        }
        do {
            return Self.result(try await report.run(arguments.object ?? [:], in: store))
        } catch let problem as ReportProblem {
            return .text(problem.description, isError: true)
        }
    }

    /// The definitions of all reports.
    package static let definitions = AnalyticsReports.all.map { report in
        ToolDefinition(
            name: ToolName(server: Policy.analyticsServer, tool: report.name), title: report.title,
            description: report.description, inputSchema: report.inputSchema,
            annotations: ToolAnnotations(readOnly: true, destructive: false, idempotent: true, openWorld: false))
    }

    private static func result(_ report: ReportResult) -> ToolResult {
        var result = ToolResult(content: [.text(report.markdown)], structured: .object(report.structured))
        // A chart that cannot be drawn takes nothing from the figures.
        if let chart = report.chart, let png = try? chart.png() {
            result.showUser(
                image: Data(png).base64EncodedString(), mimeType: "image/png", altText: chart.altText)
        }
        return result
    }
}
