import Analytics
import Bridge
import Hummingbird

/// `/admin/analytics`: the reports over the audit log, as the analytics tools return them.
struct AnalyticsRoutes: Sendable {
    let store: Store

    /// The names of all reports, with their parameters.
    func list(_ request: Request) throws -> Response {
        _ = try QueryParameters(request)
        return .json(
            .array(
                AnalyticsReports.all.map { report in
                    [
                        "name": .string(report.name), "description": .string(report.description),
                        "parameters": report.inputSchema,
                    ]
                }))
    }

    /// One report. The query holds its parameters.
    func report(_ request: Request, named name: String) async throws -> Response {
        guard let report = AnalyticsReports.named(name) else {
            let known = AnalyticsReports.all.map(\.name).joined(separator: ", ")
            throw HTTPFailure(
                .notFound, .notFound, "There is no report \"\(name.prefix(40))\"; there are \(known).")
        }
        let values = request.uri.queryParameters.map { (name: String($0.key), text: String($0.value)) }
        do {
            let result = try await report.run(ReportArguments.convert(values, for: report), in: store)
            return .json(.object(result.structured))
        } catch let problem as ReportProblem {
            throw HTTPFailure(.badRequest, .badRequest, "\(problem)")
        } catch let error as StoreError {
            throw HTTPFailure(error)
        }
    }
}
