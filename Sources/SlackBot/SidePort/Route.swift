import Bridge
import Hummingbird

/// A route of the side port: what the router, the check of the caller and ``OpenAPIDocument`` need of it.
struct Route: Sendable {
    typealias Handler = @Sendable (Request, SidePortContext) async throws -> Response

    /// A parameter of the query or a header.
    struct Parameter: Sendable {
        let name: String
        let schema: JSONValue
        let description: String

        init(_ name: String, _ description: String, _ schema: JSONValue = Schema.text) {
            (self.name, self.description, self.schema) = (name, description, schema)
        }
    }

    let method: HTTPRequest.Method
    /// From the root; `{name}` is a segment that the handler reads with ``SidePortContext/part(_:)``.
    let path: String
    /// OpenAPI's operationId.
    let id: String
    let summary: String
    /// nil: the route needs no scope.
    let scope: Caller.Scope?
    /// The parameters of the query; another one is refused. nil: the query is not checked, or the handler does it.
    let query: [Parameter]?
    let headers: [Parameter]
    /// Schema of the request's body; nil: it has none.
    let body: JSONValue?
    /// Schemas of the response by media type.
    let response: KeyValuePairs<String, JSONValue>
    /// The statuses that come with ``response``; others come with an ``HTTPFailure``.
    let statuses: [Int]
    let handler: Handler

    init(
        _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: String, scope: Caller.Scope?,
        query: [Parameter]? = nil, headers: [Parameter] = [], body: JSONValue? = nil,
        response: KeyValuePairs<String, JSONValue>, statuses: [Int] = [200], use handler: @escaping Handler
    ) {
        (self.method, self.path, self.id, self.summary, self.scope) = (method, path, id, summary, scope)
        (self.query, self.headers, self.body) = (query, headers, body)
        (self.response, self.statuses, self.handler) = (response, statuses, handler)
    }

    /// The names in the path's braces.
    var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}
