import Foundation
import Testing

@testable import Analytics
@testable import Bridge

/// Runs a report of the tests and checks its result against the output schema.
enum ReportRun {
    static func result(
        _ name: String, _ arguments: JSONObject = [:], in store: Store, now: Date = Date()
    ) async throws -> ReportResult {
        let report = try #require(AnalyticsReports.named(name))
        let result = try await report.run(arguments, in: store, now: now)
        let problem = JSONSchemaValidator.problem(of: .object(result.structured), against: report.outputSchema)
        #expect(problem == nil, "\(name) \(arguments): \(problem ?? "")")
        #expect(!result.markdown.contains("null") && !result.markdown.contains("nan"), "\(name) \(arguments)")
        return result
    }

    /// The problem that a report has with its arguments; fails the test if it has none.
    static func problem(_ name: String, _ arguments: JSONObject, in store: Store) async throws -> ReportProblem {
        let report = try #require(AnalyticsReports.named(name))
        let problem = await #expect(throws: ReportProblem.self, "\(name) \(arguments)") {
            try await report.run(arguments, in: store)
        }
        return try #require(problem)
    }

    /// Each report with each value of its closed parameters.
    static var calls: [(name: String, arguments: JSONObject)] {
        AnalyticsReports.all.flatMap { report in
            report.parameters.reduce([JSONObject()]) { known, parameter in
                guard case .choice(let values) = parameter.kind else { return known }
                return known
                    + known.flatMap { arguments in
                        values.map { value in
                            var more = arguments
                            more[parameter.name] = .string(value)
                            return more
                        }
                    }
            }.map { (name: report.name, arguments: $0) }
        }
    }
}
