import OrderedCollections

/// Converts a schema of any draft, or what stands in its place, to JSON Schema 2020-12. Keywords that it does not know,
/// or whose value is none that they may have, are left out.
struct SchemaNormaliser {
    private let root: JSONValue
    private let references: SchemaReferences
    private let deepest: Int
    var names: SchemaNames
    /// What was left out, each once.
    private(set) var losses: OrderedSet<String> = []
    /// Whether a limit on the number or the size of the parts was reached.
    private(set) var isExhausted = false
    /// The references that are being followed, outermost first.
    private var open: [String] = []
    private var nodesLeft = 3_000
    /// In bytes: names, descriptions and values.
    private var textLeft = 150_000

    private static let longestDescription = 4_000

    /// - Parameter deepest: the levels of nested schemas; what is deeper keeps its type and description.
    init(_ root: JSONValue, deepest: Int) {
        self.root = root
        self.deepest = deepest
        references = SchemaReferences(root)
        names = SchemaNames(taken: references.keys)
    }

    /// The whole schema for the top level of a tool; nil when it describes no object.
    mutating func form() -> JSONObject? {
        guard let node = schema(root, depth: 0) else { return nil }
        guard let form = ObjectForm(node) else { return nil }
        if form.hasLost { lost("a condition at its top level") }
        return form.schema
    }

    /// The schema; nil for one that no value fulfils (`false`).
    mutating func schema(_ raw: JSONValue, depth: Int) -> JSONObject? {
        switch raw {
        case .bool(false): return nil
        case .string, .array:
            // `"name": "string"` in place of a schema.
            guard let type = SchemaValues.typeValue(raw) else { return [:] }
            return ["type": type]
        case .object(let members):
            guard depth < deepest, nodesLeft > 0 else {
                if nodesLeft <= 0 { isExhausted = true }
                lost("parts that are too many or nested too deeply")
                return stub(members)
            }
            nodesLeft -= 1
            guard let reference = SchemaReferences.reference(of: members) else { return keywords(members, depth) }
            return referred(reference, members, depth)
        case .null, .bool(true), .int, .double: return [:]
        }
    }

    mutating func lost(_ what: String) { losses.append(what) }

    /// Takes bytes from what is left; false when there are not enough.
    mutating func afford(_ bytes: Int) -> Bool {
        guard bytes <= textLeft else {
            isExhausted = true
            return false
        }
        textLeft -= bytes
        return true
    }

    /// Type and description only.
    private mutating func stub(_ members: JSONObject) -> JSONObject {
        var node = JSONObject()
        node["type"] = members["type"].flatMap(SchemaValues.typeValue)
        describe(members["description"]?.string, &node)
        return node
    }

    /// The schema that is referred to, with the keywords that stand beside the reference.
    private mutating func referred(_ reference: String, _ members: JSONObject, _ depth: Int) -> JSONObject? {
        var beside = members
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] { beside[key] = nil }
        let shown = reference.prefix(100)
        guard let target = references.target(of: reference) else {
            lost("the reference \(shown), which cannot be resolved")
            var node = keywords(beside, depth)
            describe("Refers to \(shown).", &node)
            return node
        }
        guard !open.contains(reference) else {
            lost("the recursion of \(shown)")
            var node = stub(target.object ?? [:])
            node.merge(keywords(beside, depth)) { $1 }
            describe("The same structure again: \(shown).", &node)
            return node
        }
        open.append(reference)
        defer { open.removeLast() }
        guard var node = schema(target, depth: depth + 1) else { return nil }
        for (key, value) in keywords(beside, depth) {
            switch (key, node[key], value) {
            case ("properties", .object(let known), .object(let more)):
                node[key] = .object(known.merging(more) { $1 })
            case ("required", .array(let known), .array(let more)):
                node[key] = .array(known + more.filter { !known.contains($0) })
            default: node[key] = value
            }
        }
        return node
    }

    private mutating func keywords(_ members: JSONObject, _ depth: Int) -> JSONObject {
        var node = JSONObject()
        node["type"] = members["type"].flatMap(SchemaValues.typeValue)
        if members["nullable"] == .bool(true) { SchemaValues.allowNull(&node) }
        annotations(members, &node)
        values(members, &node)
        SchemaValues.bounds(members, &node)
        pattern(members, &node)
        objects(members, depth, &node)
        arrays(members, depth, &node)
        combinations(members, depth, &node)
        return node
    }

    // MARK: Keywords without schemas

    private mutating func annotations(_ members: JSONObject, _ node: inout JSONObject) {
        if let title = members["title"]?.string, afford(title.utf8.count) { node["title"] = .string(title) }
        let lines = members["description"]?.array?.compactMap(\.string)
        describe(members["description"]?.string ?? lines?.joined(separator: "\n"), &node)
        for key in ["deprecated", "readOnly", "writeOnly"] where members[key]?.bool != nil { node[key] = members[key] }
        for key in ["format", "contentEncoding", "contentMediaType"] {
            if let text = members[key]?.string, afford(text.utf8.count) { node[key] = .string(text) }
        }
        if let value = members["default"], !value.isNull, affordable(value) { node["default"] = value }
        if let value = members["examples"] ?? members["example"], !value.isNull, affordable(value) {
            let examples = value.array ?? [value]
            node["examples"] = .array(examples)
        }
    }

    /// Appends a sentence to the description.
    mutating func describe(_ text: String?, _ node: inout JSONObject) {
        guard let text, !text.isEmpty else { return }
        let cut = text.utf8.count <= Self.longestDescription ? text : "\(text.prefix(Self.longestDescription / 4))…"
        guard afford(cut.utf8.count) else { return lost("descriptions") }
        let before = node["description"]?.string.map { "\($0) " } ?? ""
        node["description"] = .string(before + cut)
    }

    /// Whether a value for information only is small enough.
    private mutating func affordable(_ value: JSONValue) -> Bool {
        let size = value.size(upTo: 2_000)
        return size <= 2_000 && afford(size)
    }

    private mutating func values(_ members: JSONObject, _ node: inout JSONObject) {
        if let only = members["const"] {
            if afford(only.size(upTo: textLeft)) { node["const"] = only } else { lost("a value that is too large") }
        }
        guard let options = members["enum"]?.array, !options.isEmpty else { return }
        guard afford(JSONValue.array(options).size(upTo: textLeft)) else {
            lost("a list of values that is too long")
            return describe("One of \(options.count) values.", &node)
        }
        var unique = OrderedSet(options)
        if members["nullable"] == .bool(true) { unique.append(.null) }
        node["enum"] = .array(unique.elements)
    }

    private mutating func pattern(_ members: JSONObject, _ node: inout JSONObject) {
        guard let pattern = members["pattern"]?.string, afford(pattern.utf8.count) else { return }
        if SchemaPattern.isPlain(pattern) {
            node["pattern"] = .string(pattern)
        } else {
            describe("Must match the pattern \(pattern).", &node)
        }
    }
}

extension JSONValue {
    /// About the bytes of its text; when they are more than `most`, some number above it, found without reading on.
    fileprivate func size(upTo most: Int) -> Int {
        switch self {
        case .null, .bool, .int, .double: return 8
        case .string(let text): return text.utf8.count + 3
        case .array(let elements):
            var size = 2
            for element in elements where size <= most { size += element.size(upTo: most - size) }
            return size
        case .object(let members):
            var size = 2
            for (key, member) in members where size <= most {
                size += key.utf8.count + 4 + member.size(upTo: most - size)
            }
            return size
        }
    }
}
