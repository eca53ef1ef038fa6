import Bridge
import Hummingbird

/// The routes as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html).
enum OpenAPIDocument {
    /// `GET /openapi.json`: a document of `routes` and itself.
    static func route(describing routes: [Route]) -> Route {
        func route(_ document: JSONValue) -> Route {
            Route(
                .get, "/openapi.json", "openAPI", "This document; on loopback without a token.", scope: .monitor,
                query: [], response: .json(["type": "object"])
            ) { _, _ in .json(document) }
        }
        return route(json(routes + [route(.null)]))
    }

    static func json(_ routes: [Route]) -> JSONValue {
        var paths: JSONObject = [:]
        for route in routes {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(route)
        }
        let failure: JSONValue = ["description": "An error.", "content": content(.json(Schema.named("Error")))]
        return [
            "openapi": "3.1.1", "info": ["title": "Omni", "version": .string(Version.current)],
            "paths": .object(paths),
            "components": [
                "schemas": .object(Schema.components), "responses": ["Error": failure],
                "securitySchemes": ["bearer": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    private static func operation(_ route: Route) -> JSONValue {
        var operation: JSONObject = ["operationId": .string(route.id), "summary": .string(route.summary)]
        // The scopes of an API key or token; OpenAPI calls them roles for the type http.
        operation["security"] = .array(route.scope.map { [["bearer": [.string($0.rawValue)]]] } ?? [])
        let parameters =
            route.pathParameters.map { parameter($0, in: "path", Schema.text) }
            + (route.query ?? []).map { parameter($0.name, in: "query", $0.schema, $0.description) }
            + route.headers.map { parameter($0.name, in: "header", $0.schema, $0.description) }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = route.body { operation["requestBody"] = ["required": true, "content": content(.json(body))] }
        var responses: JSONObject = [:]
        for status in route.statuses {
            responses["\(status)"] = ["description": .string(route.summary), "content": content(route.response)]
        }
        responses["default"] = ["$ref": "#/components/responses/Error"]
        operation["responses"] = .object(responses)
        return .object(operation)
    }

    private static func parameter(
        _ name: String, in place: String, _ schema: JSONValue, _ description: String? = nil
    ) -> JSONValue {
        var parameter: JSONObject = ["name": .string(name), "in": .string(place), "schema": schema]
        if place == "path" { parameter["required"] = true }
        if let description { parameter["description"] = .string(description) }
        return .object(parameter)
    }

    private static func content(_ schemas: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(JSONObject(schemas.map { ($0.key, ["schema": $0.value]) }, uniquingKeysWith: { $1 }))
    }
}
