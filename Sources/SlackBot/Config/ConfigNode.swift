import Bridge
import Yams

/// A cursor on one value of a configuration file; the decoders read the files through it only.
///
/// A getter returns nil for a value that is absent (or `null`), and reports a problem for a wrong one. Reading a key
/// makes it known; keys that no decoder reads are reported (see ``UnknownKeys``).
struct ConfigNode {
    let file: ConfigFile
    /// nil when the value is absent.
    let node: Node?
    /// `mcps[2].tool_policy.mode`.
    let path: String
    /// `mcps[].tool_policy.mode`: the path without indexes and names that the user chose.
    let pattern: String
    /// The position of the key for lists and mappings, of the value for scalars; of the parent when the value is
    /// absent.
    let position: FilePosition?
    /// False in a disabled part, where unset variables are no problem.
    var isActive = true

    /// Whether the node is YAML's null.
    static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    var isPresent: Bool { node.map { !Self.isNull($0) } ?? false }

    /// Whether a problem of this value was reported.
    var hasProblem: Bool { file.hasProblem(at: path) }

    /// Where the value was written, for the rule of a verdict.
    var source: RuleSource { RuleSource(file: file.name, line: position?.line ?? 0, key: path) }

    /// The same value as part of a disabled section.
    func inactive() -> ConfigNode {
        var node = self
        node.isActive = false
        return node
    }

    /// The value of a key with a fixed name.
    subscript(key: String) -> ConfigNode {
        let pattern = pattern.isEmpty ? key : "\(pattern).\(key)"
        file.noteAsked(key, in: path, pattern: pattern)
        let member = mapping()?.first { $0.key == key }
        return child(key, member: member, pattern: pattern)
    }

    /// The keys and values of a mapping whose keys are names that the user chooses, in their order.
    func entries() -> [(name: String, value: ConfigNode)] {
        guard let members = mapping() else { return [] }
        file.noteOpen(path)
        return members.map { ($0.key, child($0.key, member: $0, pattern: "\(pattern).*")) }
    }

    /// YAML reads unquoted text that begins with # as a comment, which leaves the value before it empty.
    private static let quotesHint = "text that begins with # needs quotes: \"#ops\""

    /// Reports a key that is written without a value; an explicit `null` is one.
    func reportIfEmpty() {
        guard isActive, let scalar = node?.scalar, scalar.style == .plain, scalar.string.isEmpty else { return }
        report("a key without a value", hint: Self.quotesHint)
    }

    /// The items of a list; empty when it is absent. An empty item is an error.
    func elements() -> [ConfigNode] {
        guard isPresent, let node else { return [] }
        guard let sequence = node.sequence else {
            wrongType("a list", hint: "write one \"- item\" a line")
            return []
        }
        return sequence.enumerated().compactMap { index, item in
            let element = ConfigNode(
                file: file, node: item, path: "\(path)[\(index)]", pattern: "\(pattern)[]",
                position: FilePosition(item.mark) ?? position, isActive: isActive)
            if element.isPresent { return element }
            if isActive { element.report("an empty item", hint: Self.quotesHint) }
            return nil
        }
    }

    func report(_ message: String, _ severity: ConfigProblem.Severity = .error, hint: String = "") {
        file.report(severity, at: position, keyPath: path, message: message, hint: hint)
    }

    func wrongType(_ expected: String, hint: String = "") {
        report("expected \(expected), found \(kind)", hint: hint)
    }

    /// A member of a mapping: its key, the position of the key, and the value.
    struct Member {
        let key: String
        let position: FilePosition?
        let value: Node
    }

    /// The members of a mapping, those of merged mappings (`<<`) last; nil when absent, and for another type, which is
    /// reported.
    func mapping() -> [Member]? {
        guard isPresent, let node else { return nil }
        guard node.mapping != nil else {
            wrongType("keys and values", hint: "write \"key: value\" lines under it")
            return nil
        }
        return Self.members(of: node)
    }

    /// The members of a mapping node; empty for another node. A merged member does not replace an own one.
    static func members(of node: Node) -> [Member] {
        guard let mapping = node.mapping else { return [] }
        var members: [Member] = []
        var merged: [Member] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { continue }
            if name == "<<" {
                merged += (value.sequence.map(Array.init) ?? [value]).flatMap(Self.members)
            } else {
                members.append(Member(key: name, position: FilePosition(key.mark), value: value))
            }
        }
        for member in merged where !members.contains(where: { $0.key == member.key }) { members.append(member) }
        return members
    }

    private func child(_ key: String, member: Member?, pattern: String) -> ConfigNode {
        let isScalar = member?.value.scalar != nil
        let own = isScalar ? FilePosition(member?.value.mark) : member?.position
        return ConfigNode(
            file: file, node: member?.value, path: path.isEmpty ? key : "\(path).\(key)", pattern: pattern,
            position: own ?? position, isActive: isActive)
    }

    private var kind: String {
        switch node {
        case .mapping: "keys and values"
        case .sequence: "a list"
        case .scalar(let scalar) where scalar.style != .plain: "text in quotes"
        case .scalar(let scalar) where Self.bool(scalar.string) != nil: "true or false"
        case .scalar(let scalar) where Double(scalar.string) != nil: "a number"
        case .scalar, .alias, nil: "text"
        }
    }

    /// The booleans of YAML 1.1 in words of more than one letter; nil for another text.
    static func bool(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }
}
