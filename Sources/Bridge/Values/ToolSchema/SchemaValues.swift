import OrderedCollections

/// Keywords of JSON Schema whose values are types and numbers, from any draft.
enum SchemaValues {
    private static let types: Set<String> = ["null", "boolean", "object", "array", "number", "string", "integer"]
    /// Names that other type systems have for them.
    private static let synonyms = [
        "str": "string", "text": "string", "char": "string", "date": "string", "datetime": "string",
        "date-time": "string", "uuid": "string", "uri": "string", "url": "string", "email": "string",
        "int": "integer", "int32": "integer", "int64": "integer", "long": "integer", "float": "number",
        "double": "number", "decimal": "number", "numeric": "number", "bool": "boolean", "list": "array",
        "tuple": "array", "set": "array", "dict": "object", "map": "object", "struct": "object", "none": "null",
        "nil": "null",
    ]

    /// The value of `type`: a type, or a list of several; nil when it names none.
    static func typeValue(_ raw: JSONValue) -> JSONValue? {
        let words = raw.array?.compactMap(\.string) ?? [raw.string].compactMap { $0 }
        let known = OrderedSet(words.compactMap(typeName))
        guard let first = known.first else { return nil }
        return known.count == 1 ? .string(first) : .array(known.map { .string($0) })
    }

    private static func typeName(_ word: String) -> String? {
        let lower = word.lowercased()
        return types.contains(lower) ? lower : synonyms[lower]
    }

    /// Whether a schema with that `type` admits an object.
    static func admitsObject(_ type: JSONValue?) -> Bool {
        guard let type else { return true }
        return type == "object" || type.array?.contains("object") == true
    }

    /// OpenAPI's `nullable`.
    static func allowNull(_ node: inout JSONObject) {
        switch node["type"] {
        case .string(let type) where type != "null": node["type"] = [.string(type), "null"]
        case .array(let types) where !types.contains("null"): node["type"] = .array(types + ["null"])
        default: break
        }
    }

    /// Bounds of numbers, and of the sizes of strings, arrays and objects.
    static func bounds(_ members: JSONObject, _ node: inout JSONObject) {
        for (plain, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
            let bound = number(members[plain])
            // Draft 4 has a Boolean that makes the other bound an exclusive one.
            if members[exclusive] == .bool(true) {
                node[exclusive] = bound
            } else {
                node[plain] = bound
                node[exclusive] = number(members[exclusive])
            }
        }
        let step = number(members["multipleOf"]) ?? number(members["divisibleBy"])
        if let value = step?.double, value > 0 { node["multipleOf"] = step }
        let sizes = [
            "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
            "maxContains",
        ]
        for key in sizes {
            if let count = number(members[key])?.int, count >= 0 { node[key] = .int(Int64(count)) }
        }
    }

    /// A number, also when it was written as a string.
    private static func number(_ raw: JSONValue?) -> JSONValue? {
        switch raw {
        case .int: return raw
        case .double(let value): return value.isFinite ? raw : nil
        case .string(let text):
            if let whole = Int64(text) { return .int(whole) }
            return Double(text).flatMap { $0.isFinite ? .double($0) : nil }
        default: return nil
        }
    }
}
