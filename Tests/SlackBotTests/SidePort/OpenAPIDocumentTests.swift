import Bridge
import Testing

@testable import SlackBot

/// The routes, docs/side-port.md and `/openapi.json` agree.
@Suite("The description of the side port", .timeLimit(.minutes(3)))
struct OpenAPIDocumentTests {
    /// `GET /path scope` of each route in the table of docs/side-port.md.
    private static func documented() throws -> [String] {
        try ConfigFixtures.text("docs/side-port.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
            .flatMap { line in
                let cells = line.split(separator: "|").map { $0.trimmingSpace }
                return cells[0].matches(of: #/`([^`]+)`/#).map { "\($0.output.1) \(cells[1])" }
            }
    }

    @Test("the page names each route with its scope, and the reverse; only health has no scope")
    func page() async throws {
        try await SidePortFixture.run { sidePort in
            let routes = sidePort.routes.map { "\($0.method.rawValue) \($0.path) \($0.scope?.rawValue ?? "")" }
            let page = try Self.documented()
            #expect(routes.sorted() == page.sorted())
            let open = sidePort.routes.filter { $0.scope == nil }.map(\.path)
            #expect(open == ["/health", "/health/live", "/health/ready"])
        }
    }

    @Test("a program reads a complete OpenAPI document: each route once, no reference without its target")
    func document() async throws {
        try await SidePortFixture.run { sidePort in
            let document = try await sidePort.get("/openapi.json").body
            #expect(document["openapi"]?.string?.hasPrefix("3.1.") == true)
            #expect(document["info"]?["title"] != nil && document["info"]?["version"] != nil)
            var operations: [JSONValue] = []
            for route in sidePort.routes {
                let operation = document["paths"]?[route.path]?[route.method.rawValue.lowercased()]
                operations.append(try #require(operation, "\(route.path)"))
                let parameters = operation?["parameters"]?.array ?? []
                let inPath = parameters.filter { $0["in"] == "path" && $0["required"] == true }
                #expect(inPath.compactMap { $0["name"]?.string } == route.pathParameters)
                #expect(operation?["responses"]?["200"]?["content"]?.object?.isEmpty == false, "\(route.path)")
                #expect((operation?["requestBody"] != nil) == (route.body != nil))
                let scopes = operation?["security"]?[0]?["bearer"]?.array?.compactMap(\.string)
                #expect(scopes == route.scope.map { [$0.rawValue] }, "\(route.path)")
            }
            let described = document["paths"]?.object?.values.reduce(0) { $0 + ($1.object?.count ?? 0) }
            #expect(described == operations.count)
            #expect(Set(operations.compactMap { $0["operationId"]?.string }).count == operations.count)
            let references = Self.references(in: document)
            #expect(references.count > 10)
            for reference in references {
                let target = reference.split(separator: "/").dropFirst()
                    .reduce(JSONValue?.some(document)) { $0?[String($1)] }
                #expect(reference.hasPrefix("#/") && target != nil, "\(reference)")
            }
        }
    }

    @Test("a response has the members and types that the document says")
    func responses() async throws {
        try await SidePortFixture.run { sidePort in
            let document = try await sidePort.get("/openapi.json").body
            let reads = sidePort.routes.filter { $0.method == .get && $0.pathParameters.isEmpty }
            for route in reads where route.path != "/metrics" {
                let body = try await sidePort.send(route).body
                let operation = document["paths"]?[route.path]?["get"]
                let schema = operation?["responses"]?["200"]?["content"]?["application/json"]?["schema"]
                try Self.check(body, against: #require(schema), of: document, at: route.path)
            }
            let failure = try await sidePort.get("/admin/config", authorization: nil).body
            let schema = try #require(document["components"]?["schemas"]?["Error"])
            try Self.check(failure, against: schema, of: document, at: "401")
        }
    }

    /// All values of `$ref`.
    private static func references(in value: JSONValue) -> Set<String> {
        let own = Set([value["$ref"]?.string].compactMap { $0 })
        let inner = value.array ?? value.object.map { Array($0.values) } ?? []
        return inner.reduce(into: own) { $0.formUnion(references(in: $1)) }
    }

    /// Each member of `value` is described, has its type, and the required ones are there.
    private static func check(
        _ value: JSONValue, against schema: JSONValue, of document: JSONValue, at path: String
    ) throws {
        if let name = schema["$ref"]?.string?.split(separator: "/").last {
            let target = try #require(document["components"]?["schemas"]?[String(name)])
            return try check(value, against: target, of: document, at: path)
        }
        guard let type = schema["type"] else { return }
        let allowed = type.array?.compactMap(\.string) ?? [type.string ?? ""]
        #expect(allowed.contains { matches(value, $0) }, "\(path) is \(value.text()), not \(type.text())")
        if let texts = schema["enum"]?.array { #expect(texts.contains(value), "\(path)") }
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] {
            #expect(value[name] != nil, "\(path) has no \(name)")
        }
        for element in value.array ?? [] {
            try check(element, against: #require(schema["items"]), of: document, at: "\(path)[]")
        }
        guard let members = schema["properties"] else { return }
        for (name, member) in value.object ?? [:] {
            let schema = try #require(members[name], "\(path).\(name) is not described")
            try check(member, against: schema, of: document, at: "\(path).\(name)")
        }
    }

    private static func matches(_ value: JSONValue, _ type: String) -> Bool {
        switch type {
        case "null": value.isNull
        case "string": value.string != nil
        case "boolean": value.bool != nil
        case "integer": value.int != nil
        case "number": value.double != nil
        case "array": value.array != nil
        case "object": value.object != nil
        default: false
        }
    }
}
