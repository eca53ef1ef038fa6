import Analytics
import ArgumentParser
import Bridge
import Foundation

/// `omni report`: prints one of the reports over the audit log.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show a figure of the audit log: cost, errors, slow questions, tools, users.",
        discussion: """
            The reports are those of the analytics tools; without a name they are listed. Parameters follow the name:

              omni report cost_summary period=month group_by=user
            """)

    @Argument(help: "The report, such as cost_summary.")
    var name: String?

    @Argument(help: "Parameters, as name=value.")
    var parameters: [String] = []

    @Flag(help: "JSON, for programs.")
    var json = false

    @Option(help: "Write the report's chart as a PNG to this file.")
    var chart: String?

    @OptionGroup var config: ConfigOptions

    func validate() throws {
        if let name, AnalyticsReports.named(name) == nil {
            throw ValidationError("There is no report \"\(name)\". \(Self.known)")
        }
        for parameter in parameters where !parameter.contains("=") {
            throw ValidationError("\"\(parameter)\" is no name=value.")
        }
    }

    func run() async throws {
        guard let report = name.flatMap(AnalyticsReports.named) else { return list() }
        let values = parameters.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), text: parts.count > 1 ? String(parts[1]) : "")
        }
        let arguments = ReportArguments.convert(values, for: report)
        let result = try await config.withStore { store, _ in
            do {
                return try await report.run(arguments, in: store)
            } catch let problem as ReportProblem {
                throw CommandFailed("error: \(problem)")
            }
        }
        Terminal.out(json ? JSONValue.object(result.structured).text() : result.markdown)
        if let chart { try write(result, to: chart) }
    }

    private func list() {
        let rows = AnalyticsReports.all.map { report in
            let names = report.inputSchema["properties"]?.object?.keys.joined(separator: ", ") ?? ""
            return [report.name, names.isEmpty ? "-" : names, report.title]
        }
        Terminal.out(TextTable.text(["REPORT", "PARAMETERS", "SHOWS"], rows, widest: 60))
    }

    private func write(_ result: ReportResult, to path: String) throws {
        guard let drawing = result.chart else { throw CommandFailed("error: this report has no chart") }
        do {
            try Data(try drawing.png()).write(to: URL(fileURLWithPath: path))
        } catch {
            throw CommandFailed("error: the chart could not be written to \(path): \(error)")
        }
        Terminal.error("ok: the chart is in \(path)")
    }

    private static var known: String {
        "There are: \(AnalyticsReports.all.map(\.name).joined(separator: ", "))."
    }
}
