import Bridge

/// Decodes the roles: the built-in ones, overridden key by key by mcps.yaml, and both by users.yaml.
enum RolesSection {
    static func decode(users: ConfigNode, mcps: ConfigNode) -> [String: Role] {
        var roles = builtIn
        for (name, node) in mcps.entries() {
            var role = roles[name] ?? Role(name: name, source: node.source, rank: Role.ranks[name] ?? 0)
            role = at(node, role)
            role.description = node["description"].text() ?? role.description
            role.canBypassToolRestrictions = node["can_bypass_restrictions"].bool() ?? role.canBypassToolRestrictions
            role.canManageUsers = node["can_manage_users"].bool() ?? role.canManageUsers
            role.canModifyConfiguration = node["can_modify_config"].bool() ?? role.canModifyConfiguration
            roles[name] = role
        }
        for (name, node) in users.entries() {
            let role = roles[name] ?? Role(name: name, source: node.source, rank: Role.ranks[name] ?? 0)
            roles[name] = decode(node, over: at(node, role))
        }
        return roles
    }

    /// The built-in roles; a key that is absent restricts nothing.
    private static let builtIn = Dictionary(
        uniqueKeysWithValues: Role.ranks.map { name, rank in
            var role = Role(name: name, source: .builtIn("roles.\(name)"), rank: rank)
            let isAdmin = name == Role.admin
            role.canManageUsers = isAdmin
            role.canModifyConfiguration = isAdmin
            role.canAccessAllDatabases = isAdmin
            return (name, role)
        })

    /// The same role with `node` as its source. Copies the fields that the built-in roles and mcps.yaml set.
    private static func at(_ node: ConfigNode, _ role: Role) -> Role {
        var copy = Role(
            name: role.name, source: node.source, displayName: role.displayName, description: role.description,
            rank: role.rank)
        copy.canBypassToolRestrictions = role.canBypassToolRestrictions
        copy.canExecuteDangerousTools = role.canExecuteDangerousTools
        copy.canAccessAllDatabases = role.canAccessAllDatabases
        copy.canManageUsers = role.canManageUsers
        copy.canModifyConfiguration = role.canModifyConfiguration
        return copy
    }

    private static func decode(_ node: ConfigNode, over base: Role) -> Role {
        var role = base
        role.displayName = node["display_name"].text() ?? role.displayName
        role.description = node["description"].text() ?? role.description
        role.rank = node["rank"].int(in: 0...1000) ?? role.rank
        permissions(node["permissions"], of: &role)
        if node["allowed_mcp_tools"].isPresent {
            role.allowedTools = Dictionary(
                node["allowed_mcp_tools"].entries().map { ($0.name, $0.value.globs() ?? []) },
                uniquingKeysWith: { first, _ in first })
        }
        role.allowedPatterns = node["allowed_tool_patterns"].globs()
        role.deniedTools = node["denied_tools"].globs() ?? []
        return role
    }

    private static func permissions(_ node: ConfigNode, of role: inout Role) {
        func permission(_ key: String, _ permission: inout Bool) { permission = node[key].bool() ?? permission }
        permission("can_bypass_tool_restrictions", &role.canBypassToolRestrictions)
        permission("can_execute_dangerous_tools", &role.canExecuteDangerousTools)
        permission("can_access_all_databases", &role.canAccessAllDatabases)
        permission("can_manage_users", &role.canManageUsers)
        permission("can_modify_config", &role.canModifyConfiguration)
    }

    /// Warns of servers that roles name and mcps.yaml does not declare.
    static func checkServers(_ roles: ConfigNode, _ names: DeclaredNames) {
        for (_, node) in roles.entries() {
            for (server, value) in node["allowed_mcp_tools"].entries() {
                names.check(server: server, shown: server, at: value)
            }
        }
    }
}
