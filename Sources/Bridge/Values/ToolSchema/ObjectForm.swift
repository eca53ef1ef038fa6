import OrderedCollections

/// A normalised schema as one list of properties: the arms of `allOf`, `anyOf`, `oneOf`, `then`, `else` and
/// `dependentSchemas`, which the API refuses at the top level, are merged into it.
struct ObjectForm {
    private var properties = JSONObject()
    private var required = OrderedSet<String>()
    /// What the schema keeps of its other keywords.
    private var rest = JSONObject()
    /// Sentences about what a list of properties cannot say.
    private var sentences: [String] = []
    private var isMerged = false
    /// Whether a condition was dropped.
    private(set) var hasLost = false

    private static let kept = [
        "title", "minProperties", "maxProperties", "propertyNames", "dependentRequired", "default", "examples",
    ]

    /// nil when the schema describes no object.
    init?(_ node: JSONObject) {
        guard SchemaValues.admitsObject(node["type"]) else { return nil }
        properties = node["properties"]?.object ?? [:]
        required = OrderedSet(node["required"]?.array?.compactMap(\.string) ?? [])
        for key in Self.kept { rest[key] = node[key] }
        rest["additionalProperties"] = node["additionalProperties"]
        if let description = node["description"]?.string { sentences = [description] }
        if node["not"] != nil || node["const"] != nil || node["enum"] != nil { hasLost = true }
        for arm in node["allOf"]?.array ?? [] { if let form = arm.object.flatMap(ObjectForm.init) { join(form) } }
        for key in ["anyOf", "oneOf"] {
            let arms = node[key]?.array ?? []
            let forms = arms.compactMap { $0.object.flatMap(ObjectForm.init) }
            if forms.isEmpty, !arms.isEmpty { return nil }
            choose(forms)
        }
        let conditional = ["then", "else"].compactMap { node[$0] }
        let dependent = node["dependentSchemas"]?.object.map { Array($0.values) } ?? []
        for arm in conditional + dependent {
            hasLost = true
            if let form = arm.object.flatMap(ObjectForm.init) { permit(form) }
        }
    }

    /// Adds what must be fulfilled too.
    private mutating func join(_ other: ObjectForm) {
        properties.merge(other.properties) { Self.combined("allOf", [$0, $1]) }
        required.formUnion(other.required)
        take(from: other)
    }

    /// Adds properties that may be given.
    private mutating func permit(_ other: ObjectForm) {
        properties.merge(other.properties) { own, _ in own }
        take(from: other)
    }

    /// Adds what must be fulfilled in one of several ways: all properties, of which those are required that each way
    /// requires.
    private mutating func choose(_ forms: [ObjectForm]) {
        guard let first = forms.first else { return }
        guard forms.count > 1 else { return join(first) }
        let names = OrderedSet(forms.flatMap { $0.properties.keys })
        for name in names {
            let options = forms.compactMap { $0.properties[name] }
            let joined = Self.combined("anyOf", options)
            if let own = properties[name] {
                // A form that does not have the property restricts it no further.
                if options.count == forms.count { properties[name] = Self.combined("allOf", [own, joined]) }
            } else {
                properties[name] = joined
            }
        }
        required.formUnion(forms.dropFirst().reduce(first.required) { $0.intersection($1.required) })
        for form in forms { take(from: form, sentences: false) }
        let ways = forms.map { form in
            let shown = form.required.isEmpty ? Array(form.properties.keys) : form.required.elements
            return shown.isEmpty ? "(nothing)" : "(\(shown.prefix(30).joined(separator: ", ")))"
        }
        let different = OrderedSet(ways)
        if different.count > 1 {
            sentences.append("Give one of: \(different.prefix(30).joined(separator: ", ")).")
        }
    }

    private mutating func take(from other: ObjectForm, sentences isTold: Bool = true) {
        isMerged = true
        hasLost = hasLost || other.hasLost
        if isTold { sentences += other.sentences.filter { !sentences.contains($0) } }
        if let more = other.rest["dependentRequired"]?.object {
            let own = rest["dependentRequired"]?.object ?? [:]
            rest["dependentRequired"] = .object(own.merging(more) { own, _ in own })
        }
    }

    /// One schema from several, each once.
    private static func combined(_ key: String, _ schemas: [JSONValue]) -> JSONValue {
        let parts = schemas.flatMap { schema -> [JSONValue] in
            guard schema.object?.count == 1, let inner = schema[key]?.array else { return [schema] }
            return inner
        }
        let unique = OrderedSet(parts)
        return unique.count == 1 ? unique[0] : .object([key: .array(unique.elements)])
    }

    /// The form as a schema of type `object`.
    var schema: JSONObject {
        var schema: JSONObject = ["type": "object"]
        if !sentences.isEmpty { schema["description"] = .string(sentences.joined(separator: " ")) }
        var all = properties
        for name in required where all[name] == nil { all[name] = [:] }
        schema["properties"] = .object(all)
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        for (key, value) in rest {
            // Properties of another arm would be forbidden.
            if key == "additionalProperties", isMerged { continue }
            schema[key] = value
        }
        return schema
    }
}
