import Yams

/// The values of the files as hashes by key: enough to name the keys that changed, without their values.
///
/// A key is written `mcps.yaml mcps[ops].url`. Items of a list are told apart by their `name` (servers) or `command`;
/// users are not, so that no name of a person gets into a log.
struct ConfigKeys: Sendable, Hashable {
    /// Key → hash of its values; comparable within this process only.
    private var hashes: [String: Int] = [:]

    init(_ files: [ConfigFile] = []) {
        for file in files {
            guard let tree = file.tree else { continue }
            var values: [String: [String]] = [:]
            Self.collect(tree, path: "", into: &values)
            for (path, values) in values { hashes["\(file.name) \(path)"] = values.hashValue }
        }
    }

    /// The keys that were added, changed or removed between two states of the files, sorted.
    func changes(to other: ConfigKeys) -> [String] {
        Set(hashes.keys).union(other.hashes.keys).filter { hashes[$0] != other.hashes[$0] }.sorted()
    }

    private static func collect(_ node: Node, path: String, into values: inout [String: [String]]) {
        if node.mapping != nil {
            let members = ConfigNode.members(of: node)
            if members.isEmpty { values[path, default: []].append("{}") }
            for member in members {
                collect(member.value, path: path.isEmpty ? member.key : "\(path).\(member.key)", into: &values)
            }
        } else if let items = node.sequence {
            if items.isEmpty { values[path, default: []].append("[]") }
            for item in items {
                let place = item.scalar == nil ? "\(path)[\(name(of: item, in: path))]" : path
                collect(item, path: place, into: &values)
            }
        } else if let scalar = node.scalar {
            values[path, default: []].append(scalar.string)
        }
    }

    private static func name(of item: Node, in path: String) -> String {
        let key = ["mcps": "name", "commands": "command"][path]
        return key.flatMap { item[$0]?.scalar?.string } ?? ""
    }
}
