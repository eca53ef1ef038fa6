@testable import Bridge

/// What the Messages API demands of an input schema, as far as it is known (Anthropic, "Define tools"; JSON Schema
/// 2020-12, meta-schema). Written apart from the normaliser.
enum SchemaRules {
    private static let types: Set<String> = ["null", "boolean", "object", "array", "number", "string", "integer"]
    private static let single = [
        "items", "contains", "additionalProperties", "not", "if", "then", "else", "propertyNames",
    ]
    private static let lists = ["allOf", "anyOf", "oneOf", "prefixItems"]
    private static let maps = ["properties", "dependentSchemas"]
    private static let counts = [
        "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
        "maxContains",
    ]

    /// The first rule that the schema of a tool breaks; nil when it breaks none.
    static func violation(of schema: JSONValue) -> String? {
        guard schema["type"] == "object" else { return "the top level is no object" }
        guard schema["properties"]?.object != nil else { return "the top level has no properties" }
        for key in ["oneOf", "anyOf", "allOf"] where schema[key] != nil { return "\(key) at the top level" }
        guard schema.bytes().count < 2_000_000 else { return "too large" }
        return inner(schema, depth: 0)
    }

    private static func inner(_ schema: JSONValue, depth: Int) -> String? {
        guard depth < 48 else { return "too deep" }
        if schema.bool != nil { return nil }
        guard let members = schema.object else { return "a schema is \(schema.text())" }
        for (key, value) in members {
            if key.hasPrefix("$") || key == "definitions" || key == "id" { return "has \(key)" }
            if let problem = keyword(key, value) { return "\(key): \(problem)" }
        }
        for key in single {
            if let value = members[key], let problem = inner(value, depth: depth + 1) { return problem }
        }
        for key in lists {
            guard let value = members[key] else { continue }
            guard let arms = value.array, !arms.isEmpty else { return "\(key) is no list of schemas" }
            for arm in arms { if let problem = inner(arm, depth: depth + 1) { return problem } }
        }
        for key in maps {
            guard let value = members[key] else { continue }
            guard let inner = value.object else { return "\(key) is no object" }
            for (_, schema) in inner { if let problem = self.inner(schema, depth: depth + 1) { return problem } }
        }
        return nil
    }

    private static func keyword(_ key: String, _ value: JSONValue) -> String? {
        switch key {
        case "type": return isType(value) ? nil : value.text()
        case "properties":
            let bad = value.object?.keys.first { !isName($0) }
            return bad.map { "the name \($0)" }
        case "required":
            guard let names = value.array, names.allSatisfy({ $0.string != nil }) else { return "no list of names" }
            return Set(names).count == names.count ? nil : "a name twice"
        case "enum": return value.array?.isEmpty == false ? nil : "no values"
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
            return value.double == nil ? "no number" : nil
        case "multipleOf": return (value.double ?? 0) > 0 ? nil : "not above 0"
        case "title", "description", "format", "pattern", "contentEncoding", "contentMediaType":
            return value.string == nil ? "no text" : nil
        case "uniqueItems", "deprecated", "readOnly", "writeOnly": return value.bool == nil ? "no Boolean" : nil
        case "examples": return value.array == nil ? "no list" : nil
        case "dependentRequired":
            let lists = value.object?.values.map { $0.array?.allSatisfy { $0.string != nil } ?? false }
            return lists?.allSatisfy { $0 } == true ? nil : "no lists of names"
        default:
            if counts.contains(key) { return (value.int ?? -1) >= 0 ? nil : "no count" }
            let known = single + lists + maps + ["const", "default"]
            return known.contains(key) ? nil : "unknown"
        }
    }

    private static func isType(_ value: JSONValue) -> Bool {
        if let type = value.string { return types.contains(type) }
        guard let all = value.array, all.count > 1, Set(all).count == all.count else { return false }
        return all.allSatisfy { $0.string.map(types.contains) ?? false }
    }

    /// `^[a-zA-Z0-9_.-]{1,64}$`.
    static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(nameBytes.contains)
    }

    private static let nameBytes = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-".utf8)
}
