import Bridge
import OrderedCollections

/// A parameter of a tool, with its JSON Schema.
struct Parameter: Sendable {
    let name: String
    let schema: JSONValue
    var isRequired = false

    /// A copy that the schema marks as required.
    var required: Parameter { Parameter(name: name, schema: schema, isRequired: true) }

    static func text(_ name: String, _ description: String) -> Parameter {
        Parameter(
            name: name,
            schema: ["type": "string", "description": .string(description), "minLength": 1, "maxLength": 200])
    }

    static func number(
        _ name: String, _ description: String, default fallback: Int? = nil, _ bounds: ClosedRange<Int>
    ) -> Parameter {
        var schema: JSONObject = [
            "type": "integer", "description": .string(description), "minimum": .int(Int64(bounds.lowerBound)),
            "maximum": .int(Int64(bounds.upperBound)),
        ]
        schema["default"] = fallback.map { .int(Int64($0)) }
        return Parameter(name: name, schema: .object(schema))
    }

    static func choice(
        _ name: String, _ description: String, _ values: [String], default fallback: String? = nil
    ) -> Parameter {
        var schema: JSONObject = [
            "type": "string", "description": .string(description), "enum": .array(values.map { .string($0) }),
        ]
        schema["default"] = fallback.map { .string($0) }
        return Parameter(name: name, schema: .object(schema))
    }

    static let service = choice("service", "Only this service; all when left out.", ShopService.names)
    static let database = choice("database", "Only this database; both when left out.", ["shop", "warehouse"])

    static func limit(_ fallback: Int, most: Int = 100) -> Parameter {
        number("limit", "How many rows to return at most.", default: fallback, 1...most)
    }
}
