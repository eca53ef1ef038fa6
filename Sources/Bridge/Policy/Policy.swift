/// Decides whether a principal may call a tool: a pure function of the rules, the principal, the place, the tool and
/// its arguments.
///
/// Applied when tools are offered to a model, without arguments, and again to each call, because a model's output is
/// untrusted and may name any tool. A class, so that passing it on does not copy the rules.
package final class Policy: Sendable {
    package let rules: PolicyRules

    /// The server name of the analytics tools, which run in this process. They are for administrators only, whatever
    /// the users' own lists and roles allow.
    package static let analyticsServer = "omni2_analytics_mcp"

    /// The server name of ``AskBackTool``. It reads and changes nothing but the asker's own question, so that neither
    /// lists of servers nor roles apply to it; `blocked_tools` and the place (``Place/canAskBack``) do.
    package static let askBackServer = "omni2_ask_back"

    package init(_ rules: PolicyRules) { self.rules = rules }

    /// Applies the steps of ``Verdict/Step`` in their order; the first that denies the call or asks for approval
    /// decides. With `arguments` nil the step that checks argument values (7) allows it.
    package func verdict(
        for principal: Principal, in place: Place, on tool: ToolDefinition, arguments: JSONValue? = nil
    ) -> Verdict {
        let check = PolicyCheck(policy: self, principal: principal, place: place, tool: tool, arguments: arguments)
        return check.verdict()
    }

    /// Whether the principal has the role admin or is a super admin.
    package func isAdmin(_ principal: Principal) -> Bool { roleName(of: principal) == Role.admin }

    /// Whether the rules leave open that the principal may use some tool of the server there: false when a rule of the
    /// server, the role, the user's list or the channel excludes the whole server. For servers whose tools are not
    /// known yet.
    package func mayUse(server: String, _ principal: Principal, in place: Place) -> Bool {
        if server == Policy.askBackServer { return place.canAskBack }
        let role = rules.role(named: roleName(of: principal))
        if server == Policy.analyticsServer, !isAdmin(principal) { return false }
        if !role.canBypassToolRestrictions, isClosed(server, to: role, roleName(of: principal)) { return false }
        if case .listed(let grants) = serverAccess(of: principal, role).value, grants[server] == nil { return false }
        return rules.channels.allSatisfy { rule in
            if rule.isUncheckable(in: place) { return false }
            guard rule.applies(to: place) else { return true }
            return rule.servers?.contains(server) ?? true && rule.roles?.contains(roleName(of: principal)) ?? true
        }
    }

    /// Whether a rule of step 3, 4 or 5 denies the whole server.
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

    /// The role that decides for the principal.
    package func role(of principal: Principal) -> Role { rules.role(named: roleName(of: principal)) }

    /// Whether the principal has the role `required` or one of at least its rank; nil requires nothing.
    package func hasRank(of required: String?, _ principal: Principal) -> Bool {
        let own = roleName(of: principal)
        guard let required, own != required, own != Role.admin else { return true }
        guard let needed = rules.roles[required] else { return false }
        return rules.role(named: own).rank >= needed.rank
    }

    /// Whether answers in the place are for the asker only: the rule of its channel says so, or cannot be checked.
    package func isPrivate(_ place: Place) -> Bool {
        rules.channels.contains { $0.isPrivate && ($0.applies(to: place) || $0.isUncheckable(in: place)) }
    }

    /// Whether answers with data of the server are for the asker only.
    package func isPrivate(server: String) -> Bool { rules.servers[server]?.isPrivate ?? false }

    /// Whether answers with data of some server are for the asker only.
    package var hasPrivateServers: Bool { rules.servers.values.contains(where: \.isPrivate) }

    /// The role that decides: admin for a super admin, otherwise the declared role.
    func roleName(of principal: Principal) -> String { principal.isSuperAdmin ? Role.admin : principal.role }

    /// The user's own list; without one all servers for administrators, else the servers that the role names, else
    /// those of `default_user`, else none.
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
    /// The source of a key of this role, with the line of the role.
    func source(of key: String) -> RuleSource {
        RuleSource(file: source.file, line: source.line, key: "\(source.key).\(key)")
    }
}
