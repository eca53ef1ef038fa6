import Bridge

/// The roles and servers that the files declare; each mention of one is checked against them.
struct DeclaredNames {
    let roles: [String: Role]
    let servers: Set<String>

    init(roles: [String: Role], mcps: ConfigNode) {
        self.roles = roles
        var servers: Set = [Policy.analyticsServer]
        for entry in mcps.elements() {
            if let name = entry["name"].text() { servers.insert(name) }
        }
        self.servers = servers
    }

    /// The role that the node names; nil when absent, and for an undeclared one, which is an error.
    func role(_ node: ConfigNode) -> String? {
        guard let name = node.text() else { return nil }
        return check(role: name, shown: node.written, at: node) ? name : nil
    }

    /// Reports an undeclared role and returns false for it. `node` is the key or value that names it; `shown` is the
    /// name without the values of variables.
    func check(role name: String, shown: String, at node: ConfigNode) -> Bool {
        guard roles[name] == nil else { return true }
        let nearest = SpellingSuggestion.of(name, among: roles.keys)
        node.report(
            "the role \"\(shown)\" is not declared",
            hint: nearest.map { "did you mean \($0)? Roles are declared in users.yaml" }
                ?? "declare it under roles in users.yaml")
        return false
    }

    /// Warns of a server that mcps.yaml does not declare: a rule for it has no effect.
    func check(server name: String, shown: String, at node: ConfigNode) {
        guard name != "*", !servers.contains(name) else { return }
        let nearest = SpellingSuggestion.of(name, among: servers)
        node.report(
            "mcps.yaml declares no server \"\(shown)\"", .warning,
            hint: nearest.map { "did you mean \($0)?" } ?? "declare it, or remove the name")
    }
}
