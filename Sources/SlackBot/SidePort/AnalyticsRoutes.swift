import Analytics
import Bridge
import Hummingbird

/// `/admin/analytics`: the reports over the audit log, as the analytics tools return them.
struct AnalyticsRoutes: Sendable {
    let store: Store

    var routes: [Route] {
        [
            Route(
                .get, "/admin/analytics", "listReports", "The reports over the audit log, with their parameters.",
                scope: .admin, query: [], response: .json(Schema.list(Schema.named("ReportDescription"))), use: list),
            Route(
                .get, "/admin/analytics/{name}", "report", "One report; the query has its parameters.", scope: .admin,
                response: .json(Schema.anyObject), use: report),
        ]
    }

    private func list(_ request: Request, _ context: SidePortContext) -> Response {
        .json(
            .array(
                AnalyticsReports.all.map { report in
                    [
                        "name": .string(report.name), "description": .string(report.description),
                        "parameters": report.inputSchema,
                    ]
                }))
    }

    private func report(_ request: Request, _ context: SidePortContext) async throws -> Response {
        let name = context.part("name")
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
