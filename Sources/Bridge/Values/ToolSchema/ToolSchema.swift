import OrderedCollections

/// A tool's input schema as model APIs accept it, and the names that differ from the tool's own.
///
/// Any JSON has one: what an API would refuse is converted, and what cannot be converted is left out and named in
/// ``losses``. Depth and size are bounded. The server validates a call against its own schema.
package struct ToolSchema: Sendable, Hashable {
    /// JSON Schema 2020-12 of type `object`, without references, and without `allOf`, `anyOf`, `oneOf` at the top level.
    /// All names of properties match `[a-zA-Z0-9_.-]{1,64}` (Anthropic, "Define tools").
    package let schema: JSONValue
    /// By the name in ``schema``, the tool's own name of a property; only those that differ.
    package let renamed: [String: String]
    /// What a model is not told of the tool's own schema, each once.
    package let losses: [String]
    /// Why the tool cannot be told to a model, as a clause; nil when it can.
    package let problem: String?

    /// A schema in which no object can be found has ``problem`` set.
    package init(_ raw: JSONValue) {
        switch raw {
        case .object, .bool(true), .null: break
        case .bool(false), .int, .double, .string, .array:
            self.init(schema: Self.empty, problem: "its inputSchema is no object")
            return
        }
        var normaliser = SchemaNormaliser(raw, deepest: Self.depths[0])
        var form = normaliser.form()
        // A schema with too many parts is told less deeply, so that none of its first level is missing.
        for depth in Self.depths.dropFirst() where normaliser.isExhausted {
            normaliser = SchemaNormaliser(raw, deepest: depth)
            form = normaliser.form()
        }
        guard let form else {
            self.init(schema: Self.empty, problem: "its inputSchema describes no object")
            return
        }
        self.init(schema: .object(form), renamed: normaliser.names.renamed, losses: normaliser.losses.elements)
    }

    private init(
        schema: JSONValue, renamed: [String: String] = [:], losses: [String] = [], problem: String? = nil
    ) {
        self.schema = schema
        self.renamed = renamed
        self.losses = losses
        self.problem = problem
    }

    private static let empty: JSONValue = ["type": "object", "properties": [:]]
    /// The levels of nested schemas that are told, and fewer for schemas with too many parts.
    private static let depths = [16, 8, 5, 3, 2]
}

extension ToolSchema {
    /// The arguments under the tool's own names, from those that a model gave for ``schema``. Only names of properties
    /// change, not the keys of free-form objects.
    package func toolArguments(_ input: JSONValue) -> JSONValue {
        renamed.isEmpty ? input : converted(input, [schema], depth: 0)
    }

    private func converted(_ value: JSONValue, _ schemas: [JSONValue], depth: Int) -> JSONValue {
        guard !schemas.isEmpty, depth < 64 else { return value }
        let all = schemas.flatMap(Self.withArms)
        switch value {
        case .object(let members):
            var result = JSONObject()
            for (key, member) in members {
                let named = all.compactMap { $0["properties"]?[key] }
                let inner = named.isEmpty ? all.compactMap { $0["additionalProperties"] } : named
                let own = named.isEmpty ? key : renamed[key] ?? key
                result[own] = converted(member, inner, depth: depth + 1)
            }
            return .object(result)
        case .array(let elements):
            return .array(
                elements.enumerated().map { index, element in
                    let items = all.compactMap { $0["prefixItems"]?[index] ?? $0["items"] }
                    return converted(element, items + all.compactMap { $0["contains"] }, depth: depth + 1)
                })
        case .null, .bool, .int, .double, .string: return value
        }
    }

    /// The schema and all that apply to the same value.
    private static func withArms(_ schema: JSONValue) -> [JSONValue] {
        let lists = ["allOf", "anyOf", "oneOf"].flatMap { schema[$0]?.array ?? [] }
        let single = ["if", "then", "else"].compactMap { schema[$0] }
        let dependent = schema["dependentSchemas"]?.object.map { Array($0.values) } ?? []
        return [schema] + (lists + single + dependent).flatMap(withArms)
    }
}
