/// One evaluation of the nine steps (``Verdict/Step``); nil from a step means that it lets the call pass.
struct PolicyCheck {
    let policy: Policy
    let principal: Principal
    let place: Place
    let tool: ToolDefinition
    let arguments: JSONValue?

    private var rules: PolicyRules { policy.rules }
    private var roleName: String { policy.roleName(of: principal) }
    private var isAdmin: Bool { roleName == Role.admin }
    private var name: ToolName { tool.name }

    func verdict() -> Verdict {
        let role = rules.role(named: roleName)
        if let denied = blockedTools() ?? adminOnlyTools() { return denied }
        if name.server == Policy.askBackServer { return askBack() }
        if !role.canBypassToolRestrictions, let denied = toolPolicy() ?? roleRestrictions() ?? self.role(role) {
            return denied
        }
        if let denied = analytics() ?? user(role) ?? databases(role) ?? channel() { return denied }
        return approval()
            ?? Verdict(
                .allow, step: nil, rule: policy.serverAccess(of: principal, role).source, reason: "", notes: notes(role)
            )
    }

    private func deny(_ step: Verdict.Step, _ rule: RuleSource, _ reason: String) -> Verdict {
        Verdict(.deny, step: step, rule: rule, reason: reason)
    }

    /// For rules that deny, and for lists about one server.
    private func first(_ globs: [Sourced<Glob>], matching name: ToolName) -> Sourced<Glob>? {
        globs.first { $0.value.matchesOwnName(name) }
    }

    /// For lists that allow tools of any server.
    private func isListed(_ name: ToolName, in globs: [Sourced<Glob>]) -> Bool {
        globs.contains { $0.value.matches(name) }
    }

    // Steps 1 and 2.

    private func blockedTools() -> Verdict? {
        guard !principal.isSuperAdmin, let rule = first(rules.blockedTools, matching: name) else { return nil }
        return deny(.blockedTools, rule.source, "it is blocked for everybody")
    }

    private func adminOnlyTools() -> Verdict? {
        guard !isAdmin, let rule = first(rules.adminOnlyTools, matching: name) else { return nil }
        return deny(.adminOnlyTools, rule.source, "it is for administrators only")
    }

    // Steps 3 to 5.

    private func toolPolicy() -> Verdict? {
        guard let policy = rules.servers[name.server]?.toolPolicy else { return nil }
        return apply(policy, .toolPolicy, "the server \(name.server) does not offer it")
    }

    private func roleRestrictions() -> Verdict? {
        let step = Verdict.Step.roleRestrictions
        guard let server = rules.servers[name.server] else { return nil }
        guard let restrictions = server.roleRestrictions else {
            guard let required = rules.requireRoleRestrictions, required.value else { return nil }
            return deny(step, required.source, "the server \(name.server) names no role that may use it")
        }
        guard let restriction = restrictions[roleName] else {
            return deny(step, server.source, "the server \(name.server) names no rule for the role \(roleName)")
        }
        return apply(restriction, step, "the role \(roleName) may not use it on \(name.server)")
    }

    private func apply(_ rule: Sourced<NameRule>, _ step: Verdict.Step, _ reason: String) -> Verdict? {
        switch rule.value {
        case .allowAll: return nil
        case .denyAll: return deny(step, rule.source, reason)
        case .allowOnly(let globs):
            return first(globs, matching: name) == nil ? deny(step, rule.source, reason) : nil
        case .allowAllExcept(let globs), .deny(let globs):
            return first(globs, matching: name).map { deny(step, $0.source, reason) }
        }
    }

    private func role(_ role: Role) -> Verdict? {
        let reason = "the role \(roleName) may not use it"
        if let rule = first(role.deniedTools, matching: name) { return deny(.role, rule.source, reason) }
        if !role.canExecuteDangerousTools, let rule = first(rules.dangerousPatterns, matching: name) {
            return deny(.role, rule.source, "the role \(roleName) may not use dangerous tools")
        }
        if let patterns = role.allowedPatterns, !isListed(name, in: patterns) {
            return deny(.role, role.source(of: "allowed_tool_patterns"), reason)
        }
        if let allowed = role.allowedTools {
            let own = first(allowed[name.server] ?? [], matching: name)
            if own == nil, !isListed(name, in: allowed["*"] ?? []) {
                return deny(.role, role.source(of: "allowed_mcp_tools"), reason)
            }
        }
        return nil
    }

    private func askBack() -> Verdict {
        let rule = RuleSource.builtIn("ask_back")
        guard place.canAskBack else {
            return Verdict(.deny, step: .channel, rule: rule, reason: "the asker cannot be asked back here")
        }
        return Verdict(.allow, step: nil, rule: rule, reason: "")
    }

    private func analytics() -> Verdict? {
        guard name.server == Policy.analyticsServer, !isAdmin else { return nil }
        return deny(.role, .builtIn("analytics"), "the analytics tools are for administrators only")
    }

    // Step 6.

    private func user(_ role: Role) -> Verdict? {
        let access = policy.serverAccess(of: principal, role)
        guard case .listed(let grants) = access.value else { return nil }
        guard let grant = grants[name.server] else {
            return deny(.user, access.source, "\(principal.name) has no access to the server \(name.server)")
        }
        let reason = "\(principal.name) may not use it"
        switch grant {
        case .all: return nil
        case .inherit(let denied):
            return denied.contains { $0.matchesOwnName(name) } ? deny(.user, access.source, reason) : nil
        case .custom(let tools, let denied):
            let allowed = tools.contains { $0.matchesOwnName(name) } && !denied.contains { $0.matchesOwnName(name) }
            return allowed ? nil : deny(.user, access.source, reason)
        case .unknown(let mode):
            return deny(.user, access.source, "the mode \"\(mode)\" of \(principal.name) on \(name.server) is unknown")
        }
    }

    // Step 7.

    /// The names that step 7 allows; nil when it restricts nothing.
    private func restrictedDatabases(_ role: Role) -> [String]? {
        guard let databases = principal.databases, !databases.contains("*"), !role.canAccessAllDatabases else {
            return nil
        }
        return databases
    }

    private func databases(_ role: Role) -> Verdict? {
        guard let arguments, let allowed = restrictedDatabases(role) else { return nil }
        for value in databaseValues(in: arguments) {
            guard let database = value.string else {
                return deny(.databases, principal.source, "its database argument is not a name")
            }
            if !allowed.contains(database) {
                return deny(.databases, principal.source, "\(principal.name) may not use the database \(database)")
            }
        }
        return nil
    }

    /// Every value other than null of a database argument, at any depth; of an array each element.
    private func databaseValues(in value: JSONValue) -> [JSONValue] {
        let names = rules.servers[name.server]?.databaseArguments ?? ServerRules.defaultDatabaseArguments
        switch value {
        case .object(let members):
            return members.flatMap { key, member -> [JSONValue] in
                guard names.contains(key) else { return databaseValues(in: member) }
                if case .array(let elements) = member { return elements }
                return member.isNull ? [] : [member]
            }
        case .array(let elements): return elements.flatMap(databaseValues)
        default: return []
        }
    }

    /// ``Verdict/notes`` of a call that is allowed.
    private func notes(_ role: Role) -> [String] {
        var notes: [String] = []
        if principal.isSuperAdmin, first(rules.blockedTools, matching: name) != nil { notes.append("super_admin") }
        if let arguments, restrictedDatabases(role) != nil, databaseValues(in: arguments).isEmpty {
            notes.append("database=unspecified")
        }
        return notes
    }

    // Steps 8 and 9.

    private func channel() -> Verdict? {
        for rule in rules.channels {
            if rule.isUncheckable(in: place) {
                return deny(.channel, rule.source, "the name of this channel cannot be checked now")
            }
            guard rule.applies(to: place) else { continue }
            if let servers = rule.servers, !servers.contains(name.server) {
                return deny(.channel, rule.source, "the server \(name.server) may not be used in this channel")
            }
            if let roles = rule.roles, !roles.contains(roleName) {
                return deny(.channel, rule.source, "the role \(roleName) may not use tools in this channel")
            }
            if rule.isReadOnly, tool.annotations.readOnly != true,
                !isListed(name, in: rules.readOnlyPatterns)
            {
                return deny(.channel, rule.source, "this channel allows read-only tools only")
            }
        }
        return nil
    }

    private func approval() -> Verdict? {
        if let rule = first(rules.confirmActions, matching: name) {
            return Verdict(.ask, step: .approval, rule: rule.source, reason: "it needs somebody's approval")
        }
        if tool.annotations.destructive == true {
            return Verdict(
                .ask, step: .approval, rule: .builtIn("destructiveHint"),
                reason: "its server calls it destructive, so it needs somebody's approval")
        }
        guard tool.annotations.readOnly == nil, tool.annotations.destructive == nil else { return nil }
        switch rules.unannotated.value {
        case .allow: return nil
        case .ask, .deny:
            return Verdict(
                rules.unannotated.value, step: .approval, rule: rules.unannotated.source,
                reason: "its server does not say whether it changes anything")
        }
    }
}
