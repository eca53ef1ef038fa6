import Foundation

/// What the references of a schema refer to. Nothing outside the schema is read (MCP, "Tools": a reference to the
/// network must not be fetched).
struct SchemaReferences {
    /// All keys of all objects in the schema.
    private(set) var keys: Set<String> = []
    private let root: JSONValue
    /// By `$id`, by the last part of its path, and by `#` and an anchor.
    private var identified: [String: JSONValue] = [:]

    private static let deepest = 300

    init(_ root: JSONValue) {
        self.root = root
        scan(root, depth: 0)
    }

    private mutating func scan(_ value: JSONValue, depth: Int) {
        guard depth < Self.deepest else { return }
        switch value {
        case .object(let members):
            identify(value)
            for (key, member) in members {
                keys.insert(key)
                scan(member, depth: depth + 1)
            }
        case .array(let elements): for element in elements { scan(element, depth: depth + 1) }
        case .null, .bool, .int, .double, .string: break
        }
    }

    private mutating func identify(_ schema: JSONValue) {
        for key in ["$id", "id"] {
            guard let id = schema[key]?.string, !id.isEmpty else { continue }
            let base = id.hasSuffix("#") ? String(id.dropLast()) : id
            let last = base.split(separator: "/").last.map(String.init)
            for name in [base, last].compactMap({ $0 }) where identified[name] == nil { identified[name] = schema }
        }
        for key in ["$anchor", "$dynamicAnchor"] {
            guard let anchor = schema[key]?.string, identified["#\(anchor)"] == nil else { continue }
            identified["#\(anchor)"] = schema
        }
    }

    /// The reference of a schema object: `$ref` or its relatives; nil when it has none.
    static func reference(of members: JSONObject) -> String? {
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let reference = members[key]?.string { return reference }
        }
        return nil
    }

    /// What the reference refers to; nil when that is not in the schema.
    func target(of reference: String) -> JSONValue? {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let base = parts.first ?? ""
        let fragment = parts.count > 1 ? parts[1] : ""
        guard let document = base.isEmpty ? root : document(base) else { return nil }
        if fragment.isEmpty { return document }
        guard fragment.hasPrefix("/") else { return identified["#\(fragment)"] ?? identified[fragment] }
        let path = fragment.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(Self.unescaped)
        return Self.value(at: path, in: document) ?? Self.value(at: Self.otherDraft(path), in: document)
    }

    private func document(_ base: String) -> JSONValue? {
        if let known = identified[base] { return known }
        if let last = base.split(separator: "/").last, let known = identified[String(last)] { return known }
        return root["$defs"]?[base] ?? root["definitions"]?[base]
    }

    /// The path with the name that the other drafts have for definitions.
    private static func otherDraft(_ path: [String]) -> [String] {
        path.map { $0 == "$defs" ? "definitions" : $0 == "definitions" ? "$defs" : $0 }
    }

    /// RFC 6901 within a URI's fragment.
    private static func unescaped(_ token: Substring) -> String {
        let plain = String(token).removingPercentEncoding ?? String(token)
        return plain.replacing("~1", with: "/").replacing("~0", with: "~")
    }

    private static func value(at path: [String], in document: JSONValue) -> JSONValue? {
        var value = document
        for token in path {
            let next = value[token] ?? Int(token).flatMap { value[$0] }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
