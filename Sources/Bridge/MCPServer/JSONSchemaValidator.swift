/// Validates arguments against the part of JSON Schema (2020-12) that tool schemas mostly use: `type`, `enum`, `const`,
/// `required`, `properties`, `additionalProperties: false`, `items`, and the bounds of numbers, strings and arrays.
/// Other keywords are ignored, as is everything deeper than 32 levels; the tool must check those itself.
enum JSONSchemaValidator {
    /// The first violation, as a clause for the caller; nil when there is none.
    static func problem(of value: JSONValue, against schema: JSONValue) -> String? {
        problem(value, schema, at: "", depth: 0)
    }

    private static func problem(_ value: JSONValue, _ schema: JSONValue, at path: String, depth: Int) -> String? {
        guard schema.object != nil, depth < 32 else { return nil }
        let subject = path.isEmpty ? "the arguments" : path
        if let type = schema["type"] {
            let types = type.array?.compactMap(\.string) ?? [type.string].compactMap { $0 }
            // What an unknown type means only the tool knows.
            if !types.isEmpty, knownTypes.isSuperset(of: types), !types.contains(where: { matches(value, $0) }) {
                return "\(subject) must be of type \(types.joined(separator: " or "))"
            }
        }
        if let allowed = schema["enum"]?.array, !allowed.contains(where: { equal($0, value) }) {
            return "\(subject) must be one of \(allowed.map { $0.text() }.joined(separator: ", "))"
        }
        if let only = schema["const"], !equal(only, value) { return "\(subject) must be \(only.text())" }
        switch value {
        case .object: return members(value, schema, at: path, depth)
        case .array(let elements): return self.elements(elements, schema, at: path, subject, depth)
        case .string(let text):
            return bounds(
                text.unicodeScalars.count, schema["minLength"]?.int, schema["maxLength"]?.int, "\(subject) must have",
                "characters")
        case .int, .double: return number(value, schema, subject)
        case .null, .bool: return nil
        }
    }

    private static let knownTypes: Set<String> = [
        "object", "array", "string", "boolean", "null", "number", "integer",
    ]

    private static func matches(_ value: JSONValue, _ type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null),
            ("number", .int), ("number", .double), ("integer", .int):
            true
        case ("integer", .double(let number)): number == number.rounded()
        default: false
        }
    }

    /// Equality in which 1 and 1.0 are the same number.
    private static func equal(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = left.double, let right = right.double { return left == right }
        return left == right
    }

    private static func members(_ value: JSONValue, _ schema: JSONValue, at path: String, _ depth: Int) -> String? {
        let properties = schema["properties"]
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where value[name] == nil {
            return "\(path.isEmpty ? name : "\(path).\(name)") is missing"
        }
        for (name, member) in value.object ?? [:] {
            let inner = path.isEmpty ? name : "\(path).\(name)"
            if let property = properties?[name] {
                if let problem = problem(member, property, at: inner, depth: depth + 1) { return problem }
            } else if schema["additionalProperties"] == .bool(false) {
                let known = properties?.object.map { $0.keys.joined(separator: ", ") } ?? "none"
                return "\(inner.prefix(100)) is not known; known are: \(known)"
            }
        }
        return nil
    }

    private static func elements(
        _ elements: [JSONValue], _ schema: JSONValue, at path: String, _ subject: String, _ depth: Int
    ) -> String? {
        if let items = schema["items"] {
            for (index, element) in elements.enumerated() {
                if let problem = problem(element, items, at: "\(path)[\(index)]", depth: depth + 1) { return problem }
            }
        }
        return bounds(
            elements.count, schema["minItems"]?.int, schema["maxItems"]?.int, "\(subject) must have", "elements")
    }

    private static func bounds(_ count: Int, _ least: Int?, _ most: Int?, _ what: String, _ unit: String) -> String? {
        if let least, count < least { return "\(what) at least \(least) \(unit)" }
        if let most, count > most { return "\(what) at most \(most) \(unit)" }
        return nil
    }

    private static func number(_ value: JSONValue, _ schema: JSONValue, _ subject: String) -> String? {
        guard let number = value.double else { return nil }
        if let least = schema["minimum"], let bound = least.double, number < bound {
            return "\(subject) must be at least \(least.text())"
        }
        if let most = schema["maximum"], let bound = most.double, number > bound {
            return "\(subject) must be at most \(most.text())"
        }
        if let least = schema["exclusiveMinimum"], let bound = least.double, number <= bound {
            return "\(subject) must be more than \(least.text())"
        }
        if let most = schema["exclusiveMaximum"], let bound = most.double, number >= bound {
            return "\(subject) must be less than \(most.text())"
        }
        return nil
    }
}
