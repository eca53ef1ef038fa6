import Yams

/// Reports the keys of a file that no decoder has read: those of ``IgnoredKeys``, with the ones that a decoder ignored,
/// in one note; all others as unknown, with the nearest known key.
struct UnknownKeys {
    private let file: ConfigFile
    private let table: IgnoredKeys
    private var effectless: [String] = []

    /// To be called after the file was decoded.
    static func report(in file: ConfigFile) {
        guard let tree = file.tree else { return }
        var walk = UnknownKeys(file: file, table: IgnoredKeys.of(file.name))
        walk.visit(tree, path: "", pattern: "")
        let names = file.effectlessKeys + walk.effectless
        guard !names.isEmpty else { return }
        file.report(.note, message: "accepted, has no effect yet: \(Self.folded(names).joined(separator: ", "))")
    }

    private init(file: ConfigFile, table: IgnoredKeys) {
        self.file = file
        self.table = table
    }

    /// Visits a value that was read: its keys were read, are chosen by the user, or are left over.
    private mutating func visit(_ node: Node, path: String, pattern: String) {
        if let sequence = node.sequence {
            for (index, item) in sequence.enumerated() {
                visit(item, path: "\(path)[\(index)]", pattern: "\(pattern)[]")
            }
            return
        }
        let isOpen = file.openMappings.contains(path)
        let asked = file.askedKeys[path] ?? []
        guard isOpen || !asked.isEmpty || path.isEmpty else { return }
        for member in ConfigNode.members(of: node) {
            let memberPath = Self.join(path, member.key)
            if asked.contains(member.key) {
                visit(member.value, path: memberPath, pattern: Self.join(pattern, member.key))
            } else if isOpen {
                visit(member.value, path: memberPath, pattern: Self.join(pattern, "*"))
            } else {
                leftOver(member, path: memberPath, parent: pattern, asked: asked)
            }
        }
    }

    private mutating func leftOver(_ member: ConfigNode.Member, path: String, parent: String, asked: Set<String>) {
        guard let entry = table.entry(member.key, under: parent) else {
            let known = asked.union(table.names(under: parent))
            let nearest = SpellingSuggestion.of(member.key, among: known)
            file.report(
                .warning, at: member.position, keyPath: path, message: "unknown key",
                hint: nearest.map { "did you mean \($0)?" } ?? "remove it, or see docs/configuration.md")
            return
        }
        guard !entry.isLeaf else { return note(path) }
        descend(member.value, path: path, pattern: entry.pattern)
    }

    /// Visits a section of which no key has an effect.
    private mutating func descend(_ node: Node, path: String, pattern: String) {
        if let sequence = node.sequence {
            for (index, item) in sequence.enumerated() {
                descend(item, path: "\(path)[\(index)]", pattern: "\(pattern)[]")
            }
        } else if node.mapping != nil {
            for member in ConfigNode.members(of: node) {
                leftOver(member, path: Self.join(path, member.key), parent: pattern, asked: [])
            }
        } else {
            note(path)
        }
    }

    /// All items of a list are one name: `users[].teams`.
    private mutating func note(_ path: String) {
        let name = path.replacing(#/\[\d+\]/#, with: "[]")
        if !effectless.contains(name) { effectless.append(name) }
    }

    private static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// `a.b, a.c` as `a.{b, c}`.
    private static func folded(_ names: [String]) -> [String] {
        var order: [String] = []
        var children: [String: [String]] = [:]
        for name in names {
            let dot = name.lastIndex(of: ".")
            let parent = dot.map { String(name[..<$0]) } ?? ""
            let child = dot.map { String(name[name.index(after: $0)...]) } ?? name
            if children[parent] == nil { order.append(parent) }
            children[parent, default: []].append(child)
        }
        return order.flatMap { parent -> [String] in
            let names = children[parent] ?? []
            guard !parent.isEmpty else { return names }
            return names.count == 1 ? ["\(parent).\(names[0])"] : ["\(parent).{\(names.joined(separator: ", "))}"]
        }
    }
}
