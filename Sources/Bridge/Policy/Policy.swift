/// Decides who may do what: a pure function of the rules, the person, the place, the tool and its arguments.
///
/// Used when tools are offered to a model (no arguments yet) and again for each call: a model can name any tool, and
/// what it says is untrusted. A reference: the rules are large, and handed on for every tool.
package final class Policy: Sendable {
    package let rules: PolicyRules

    /// The analytics tools live in this process and are for administrators, whatever anybody's lists say.
    package static let analyticsServer = "omni2_analytics_mcp"

    package init(_ rules: PolicyRules) { self.rules = rules }

    /// The nine steps in their order; the first that does not let the call pass decides. With `arguments` nil the
    /// steps that look at argument values let it pass.
    package func verdict(
        for principal: Principal, in place: Place, on tool: ToolDefinition, arguments: JSONValue? = nil
    ) -> Verdict {
        let check = PolicyCheck(policy: self, principal: principal, place: place, tool: tool, arguments: arguments)
        return check.verdict()
    }

    /// Whether this person counts as an administrator.
    package func isAdmin(_ principal: Principal) -> Bool { roleName(of: principal) == Role.admin }

    /// Whether this person could be allowed any tool of the server there, whatever its tools are: false when the role, the
    /// person's list or the channel excludes the whole server. For servers whose tools are not known yet.
    package func mayUse(server: String, _ principal: Principal, in place: Place) -> Bool {
        guard let role = rules.roles[roleName(of: principal)] else { return false }
        if server == Policy.analyticsServer, !isAdmin(principal) { return false }
        if !role.canBypassToolRestrictions, isClosed(server, to: role, roleName(of: principal)) { return false }
        if case .listed(let grants) = serverAccess(of: principal, role).value, grants[server] == nil { return false }
        return rules.channels.allSatisfy { rule in
            if rule.isUncheckable(in: place) { return false }
            guard rule.applies(to: place) else { return true }
            return rule.servers?.contains(server) ?? true && rule.roles?.contains(roleName(of: principal)) ?? true
        }
    }

    /// Steps 3 to 5 as far as they close a whole server.
    private func isClosed(_ server: String, to role: Role, _ roleName: String) -> Bool {
        if case .denyAll = rules.servers[server]?.toolPolicy?.value { return true }
        if let restrictions = rules.servers[server]?.roleRestrictions {
            guard let restriction = restrictions[roleName] else { return true }
            if case .denyAll = restriction.value { return true }
        } else if rules.servers[server] != nil, rules.requireRoleRestrictions?.value == true {
            return true
        }
        return role.allowedTools.map { $0[server] == nil && $0["*"] == nil } ?? false
    }

    /// A super admin counts as admin wherever a role decides.
    func roleName(of principal: Principal) -> String { principal.isSuperAdmin ? Role.admin : principal.role }

    /// The user's own list, else the servers that the role names, else the default user's, else none; administrators
    /// reach all servers unless their own list says less.
    func serverAccess(of principal: Principal, _ role: Role) -> Sourced<ServerAccess> {
        if let own = principal.servers { return Sourced(own, principal.source) }
        if isAdmin(principal) { return Sourced(.all, role.source) }
        if let named = role.allowedTools {
            let all = named["*"] != nil
            return Sourced(all ? .all : .listed(named.mapValues { _ in .all }), role.source(of: "allowed_mcp_tools"))
        }
        return rules.defaultServers ?? Sourced(.listed([:]), .builtIn("default_user.allowed_mcps"))
    }
}

extension Role {
    /// Where a key of this role is written.
    func source(of key: String) -> RuleSource {
        RuleSource(file: source.file, line: source.line, key: "\(source.key).\(key)")
    }
}
