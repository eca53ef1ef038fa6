package import Bridge
package import Foundation

/// A report over the audit log: its definition, and its run on a store. All surfaces (tools, HTTP, command line) use
/// the same.
package struct AnalyticsReport: Sendable {
    /// The name of the tool, `get_cost_summary`.
    package let name: String
    package let title: String
    /// For models; begins with `OMNI2 Analytics: `.
    package let description: String
    package let parameters: [ReportParameter]
    let shape: ReportShape
    let build: @Sendable (ReportContext) throws -> ReportResult

    init(
        _ name: String, _ title: String, _ description: String, _ parameters: [ReportParameter], shape: ReportShape,
        build: @escaping @Sendable (ReportContext) throws -> ReportResult
    ) {
        self.name = name
        self.title = title
        self.description = "OMNI2 Analytics: \(description)"
        self.parameters = parameters
        self.shape = shape
        self.build = build
    }

    /// JSON Schema of the arguments.
    package var inputSchema: JSONValue {
        [
            "type": "object",
            "properties": .object(
                JSONObject(parameters.map { ($0.name, $0.schema) }, uniquingKeysWith: { $1 })),
            "additionalProperties": false,
        ]
    }

    /// JSON Schema of ``ReportResult/structured``.
    package var outputSchema: JSONValue { shape.schema }

    /// Runs the report in one read of the store.
    ///
    /// - Parameter now: decides which days a period has.
    /// - Throws: ``ReportProblem`` for an argument that is not allowed, ``StoreError`` of the database.
    package func run(_ arguments: JSONObject, in store: Store, now: Date = Date()) async throws -> ReportResult {
        let checked = try CheckedArguments(arguments, for: self)
        let calendar = store.calendar
        return try await store.database.read { connection in
            try build(try ReportContext(self, checked, ReportReader(connection), calendar, now: now))
        }
    }
}
