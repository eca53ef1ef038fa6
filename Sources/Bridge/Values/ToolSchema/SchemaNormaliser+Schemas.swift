import OrderedCollections

/// Keywords whose values contain schemas.
extension SchemaNormaliser {
    /// The most schemas of one list.
    private static let mostArms = 200

    mutating func objects(_ members: JSONObject, _ depth: Int, _ node: inout JSONObject) {
        var required = OrderedSet<String>()
        for name in members["required"]?.array?.compactMap(\.string) ?? [] where afford(name.utf8.count) {
            required.append(names.told(name))
        }
        if let given = members["properties"], !given.isNull {
            let (properties, impossible) = self.properties(given, depth, &required)
            required.subtract(impossible)
            node["properties"] = .object(properties)
        }
        additional(members, depth, &node)
        if !required.isEmpty { node["required"] = .array(required.map { .string($0) }) }
        if let raw = members["propertyNames"], raw.object != nil, let inner = schema(raw, depth: depth + 1) {
            node["propertyNames"] = .object(inner)
        }
        dependencies(members, depth, &node)
    }

    /// The properties, and the names of those that no value fulfils. Adds to `required` those that say it themselves
    /// (draft 3).
    private mutating func properties(
        _ given: JSONValue, _ depth: Int, _ required: inout OrderedSet<String>
    ) -> (JSONObject, Set<String>) {
        var properties = JSONObject()
        var impossible: Set<String> = []
        for (name, raw) in Self.members(given) {
            guard afford(name.utf8.count) else {
                lost("properties that are too many")
                break
            }
            let told = names.told(name)
            guard var inner = schema(raw, depth: depth + 1) else {
                impossible.insert(told)
                continue
            }
            if told != name { describe("The tool calls this \(name.prefix(200)).", &inner) }
            if raw["required"] == .bool(true) { required.append(told) }
            properties[told] = .object(inner)
        }
        return (properties, impossible)
    }

    /// The members of `properties`; of a list of objects those with a name.
    private static func members(_ properties: JSONValue) -> JSONObject {
        if let members = properties.object { return members }
        let named = (properties.array ?? []).compactMap { entry in entry["name"]?.string.map { ($0, entry) } }
        return JSONObject(named, uniquingKeysWith: { first, _ in first })
    }

    /// `additionalProperties`, with the schemas of `patternProperties`: their keys are patterns, no names.
    private mutating func additional(_ members: JSONObject, _ depth: Int, _ node: inout JSONObject) {
        var arms: [JSONValue] = []
        for (pattern, raw) in members["patternProperties"]?.object ?? [:] {
            guard let inner = schema(raw, depth: depth + 1) else { continue }
            describe("Names that match \(pattern.prefix(200)) may be added.", &node)
            if !arms.contains(.object(inner)) { arms.append(.object(inner)) }
        }
        switch members["additionalProperties"] {
        case .bool(let isOpen): if arms.isEmpty { node["additionalProperties"] = .bool(isOpen) }
        case .some(let raw) where raw.object != nil:
            if let inner = schema(raw, depth: depth + 1) { arms.append(.object(inner)) }
        default: break
        }
        if arms.count > 1 {
            node["additionalProperties"] = .object(["anyOf": .array(arms)])
        } else if let only = arms.first {
            node["additionalProperties"] = only
        }
    }

    /// `dependentRequired`, `dependentSchemas`, and draft 7's `dependencies` as one of the two.
    private mutating func dependencies(_ members: JSONObject, _ depth: Int, _ node: inout JSONObject) {
        var required = JSONObject()
        var schemas = JSONObject()
        for key in ["dependencies", "dependentRequired", "dependentSchemas"] {
            for (name, raw) in members[key]?.object ?? [:] where afford(name.utf8.count) {
                if let others = raw.array?.compactMap(\.string) ?? raw.string.map({ [$0] }) {
                    let told = OrderedSet(others.filter { afford($0.utf8.count) }.map { names.told($0) })
                    required[names.told(name)] = .array(told.map { .string($0) })
                } else if raw.object != nil, let inner = schema(raw, depth: depth + 1) {
                    schemas[names.told(name)] = .object(inner)
                }
            }
        }
        if !required.isEmpty { node["dependentRequired"] = .object(required) }
        if !schemas.isEmpty { node["dependentSchemas"] = .object(schemas) }
    }

    mutating func arrays(_ members: JSONObject, _ depth: Int, _ node: inout JSONObject) {
        // Before 2020-12 an array of schemas was `items`, and the rest `additionalItems`.
        let isTuple = members["items"]?.array != nil
        let tuple = isTuple ? members["items"] : members["prefixItems"]
        if let raws = tuple?.array, !raws.isEmpty {
            node["prefixItems"] = .array(raws.prefix(Self.mostArms).map { schemaOrFalse($0, depth) })
        }
        if let rest = isTuple ? members["additionalItems"] : members["items"], !rest.isNull {
            node["items"] = schemaOrFalse(rest, depth)
        }
        if let raw = members["contains"], raw.object != nil { node["contains"] = schemaOrFalse(raw, depth) }
        if let isUnique = members["uniqueItems"]?.bool { node["uniqueItems"] = .bool(isUnique) }
    }

    /// A schema where `false` may stand.
    private mutating func schemaOrFalse(_ raw: JSONValue, _ depth: Int) -> JSONValue {
        schema(raw, depth: depth + 1).map(JSONValue.object) ?? false
    }

    mutating func combinations(_ members: JSONObject, _ depth: Int, _ node: inout JSONObject) {
        for key in ["allOf", "anyOf", "oneOf"] {
            let arms = arms(members[key], depth) + (key == "allOf" ? arms(members["extends"], depth) : [])
            if !arms.isEmpty { node[key] = .array(arms) }
        }
        if let raw = members["not"], raw.object != nil, let inner = schema(raw, depth: depth + 1), !inner.isEmpty {
            node["not"] = .object(inner)
        }
        guard let raw = members["if"], raw.object != nil, let condition = schema(raw, depth: depth + 1) else { return }
        let results = ["then", "else"].compactMap { key -> (String, JSONValue)? in
            guard let raw = members[key], raw.object != nil else { return nil }
            return (key, schemaOrFalse(raw, depth))
        }
        guard !results.isEmpty else { return }
        node["if"] = .object(condition)
        for (key, value) in results { node[key] = value }
    }

    /// The arms that a value can fulfil; a single schema counts as a list of one.
    private mutating func arms(_ raw: JSONValue?, _ depth: Int) -> [JSONValue] {
        let raws: [JSONValue] =
            switch raw {
            case .array(let arms): arms
            case .object: [raw].compactMap { $0 }
            default: []
            }
        var arms: [JSONValue] = []
        if raws.count > Self.mostArms { lost("alternatives that are too many") }
        for raw in raws.prefix(Self.mostArms) {
            guard raw.object != nil || raw.bool != nil, let inner = schema(raw, depth: depth + 1) else { continue }
            arms.append(.object(inner))
        }
        return arms
    }
}
