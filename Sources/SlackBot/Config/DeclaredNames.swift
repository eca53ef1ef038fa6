import Bridge

/// The roles and servers that the files declare; each mention of one is checked against them.
struct DeclaredNames {
    let roles: [String: Role]
    let servers: Set<String>
    /// The roles that users.yaml gives to users, declared or not.
    private let assigned: Set<String>

    init(roles: [String: Role], mcps: ConfigNode, users: ConfigNode) {
        self.roles = roles
        let entries = [users["default_user"]] + users["super_admins"].elements() + users["users"].elements()
        assigned = Set(entries.compactMap { $0["role"].text() })
        var servers: Set = [Policy.analyticsServer]
        for entry in mcps.elements() {
            if let name = entry["name"].text() { servers.insert(name) }
        }
        self.servers = servers
    }

    /// The role that the node names in a rule; nil when absent, and for one that is neither declared nor given to a
    /// user, which is an error.
    func role(_ node: ConfigNode) -> String? {
        guard let name = node.text() else { return nil }
        return check(role: name, shown: node.written, at: node) ? name : nil
    }

    /// The role that the node gives to a user; nil when absent. An undeclared one is a warning, since it gives no
    /// rights.
    func assignedRole(_ node: ConfigNode) -> String? {
        guard let name = node.text() else { return nil }
        if roles[name] == nil { report(role: name, shown: node.written, .warning, at: node) }
        return name
    }

    /// The declared role that the node names; nil when absent, and for an undeclared one, which is an error: its rank
    /// is not known.
    func rankedRole(_ node: ConfigNode) -> String? {
        guard let name = node.text() else { return nil }
        if roles[name] != nil { return name }
        report(role: name, shown: node.written, .error, at: node)
        return nil
    }

    /// Reports an undeclared role. A rule may name one that a user has, which is a warning; for another it returns
    /// false. `node` is the key or value that names it; `shown` is the name without the values of variables.
    func check(role name: String, shown: String, at node: ConfigNode) -> Bool {
        guard roles[name] == nil else { return true }
        let isAssigned = assigned.contains(name)
        report(role: name, shown: shown, isAssigned ? .warning : .error, at: node)
        return isAssigned
    }

    private func report(role name: String, shown: String, _ severity: ConfigProblem.Severity, at node: ConfigNode) {
        let nearest = SpellingSuggestion.of(name, among: roles.keys)
        node.report(
            "the role \"\(shown)\" is not declared", severity,
            hint: nearest.map { "did you mean \($0)? Roles are declared in users.yaml" }
                ?? "declare it under roles in users.yaml")
    }

    /// Warns of patterns as `jira__delete_*` that name a server which mcps.yaml does not declare. Their first part may
    /// be a pattern too.
    func check(patternsOf file: ConfigFile) {
        for pattern in file.qualifiedPatterns {
            let glob = try? Glob(pattern.server)
            guard !servers.contains(where: { glob?.matches($0) ?? false }) else { continue }
            let nearest = SpellingSuggestion.of(pattern.server, among: servers)
            file.report(
                .warning, at: pattern.position, keyPath: pattern.path,
                message: "the pattern \"\(pattern.written)\" names a server that mcps.yaml does not declare",
                hint: nearest.map { "did you mean \($0)__…?" }
                    ?? "declare the server, or leave out what stands before the tool's name")
        }
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
