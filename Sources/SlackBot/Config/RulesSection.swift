import Bridge

/// Decodes the rules of the policy: those of mcps.yaml, and from slack.yaml the channel rules and the actions to
/// confirm.
enum RulesSection {
    static func decode(_ mcps: ConfigNode, slack: ConfigNode, _ names: DeclaredNames, into policy: inout PolicyRules) {
        let global = mcps["global"]
        policy.blockedTools = global["blocked_tools"].globs() ?? []
        policy.adminOnlyTools = global["admin_only_tools"].globs() ?? []
        let require = global["require_role_restrictions"]
        policy.requireRoleRestrictions = require.bool().map { Sourced($0, require.source) }
        policy.dangerousPatterns = mcps["tool_patterns"]["dangerous"].globs() ?? []
        policy.readOnlyPatterns = mcps["tool_patterns"]["read_only_safe"].globs() ?? []
        let unannotated = mcps["approval"]["unannotated"]
        if let decision = unannotated.choice("decision", Decision.self) {
            policy.unannotated = Sourced(decision.decision, unannotated.source)
        }
        for entry in mcps["mcps"].elements() {
            let isEnabled = entry["enabled"].bool() ?? true
            let rules = server(isEnabled ? entry : entry.inactive(), names)
            guard let name = entry["name"].text(), policy.servers[name] == nil else { continue }
            policy.servers[name] = rules
        }
        let confirmation = slack["interactive"]["require_confirmation"]
        let isEnabled = confirmation["enabled"].bool() ?? true
        let actions = confirmation["actions"].globs() ?? []
        policy.confirmActions = isEnabled ? actions : []
        policy.channels = slack["channel_rules"].entries().map { channel($0.name, $0.value, names) }
    }

    private enum Decision: String, CaseIterable {
        case allow, ask, deny

        var decision: Verdict.Decision {
            switch self {
            case .allow: .allow
            case .ask: .ask
            case .deny: .deny
            }
        }
    }

    private enum Visibility: String, CaseIterable { case `private`, `public` }

    private static func server(_ entry: ConfigNode, _ names: DeclaredNames) -> ServerRules {
        let restrictions = entry["role_restrictions"].entries()
        // An empty mapping restricts nothing, like a missing one.
        var byRole: [String: Sourced<NameRule>]? = restrictions.isEmpty ? nil : [:]
        for (role, node) in restrictions {
            guard names.check(role: role, shown: role, at: node) else { continue }
            byRole?[role] = restriction(node).map { Sourced($0, node.source) }
        }
        let policy = entry["tool_policy"]
        return ServerRules(
            source: entry["name"].source, toolPolicy: toolPolicy(policy).map { Sourced($0, policy.source) },
            roleRestrictions: byRole,
            databaseArguments: entry["database_arguments"].texts() ?? ServerRules.defaultDatabaseArguments,
            isPrivate: entry["visibility"].choice("visibility", Visibility.self) == .private)
    }

    private enum Mode: String, CaseIterable {
        case allowAll = "allow_all"
        case allowOnly = "allow_only"
        case allowAllExcept = "allow_all_except"
    }

    private static func toolPolicy(_ node: ConfigNode) -> NameRule? {
        let mode = node["mode"].choice("mode", Mode.self)
        let (allow, include) = (node["allow"].globs(), node["include"].globs())
        let allowed = allow == nil && include == nil ? nil : (allow ?? []) + (include ?? [])
        let excluded = node["exclude"].globs()
        guard node.isPresent else { return nil }
        guard let mode else {
            if !node["mode"].isPresent {
                node["mode"].report(
                    "a required value is missing", hint: "use allow_all, allow_only or allow_all_except")
            }
            return .denyAll
        }
        if mode != .allowOnly, !(allowed ?? []).isEmpty { unused(allow == nil ? node["include"] : node["allow"], mode) }
        if mode != .allowAllExcept, !(excluded ?? []).isEmpty { unused(node["exclude"], mode) }
        switch mode {
        case .allowAll: return .allowAll
        case .allowAllExcept: return .allowAllExcept(excluded ?? [])
        case .allowOnly:
            if allowed == nil {
                node.report(
                    "an impossible rule: allow_only without a list of what is allowed",
                    hint: "list the tools under allow, or switch the server off")
            }
            return .allowOnly(allowed ?? [])
        }
    }

    /// A file of the original may hold an empty list of the other mode; a list that names tools is an error.
    private static func unused(_ node: ConfigNode, _ mode: Mode) {
        node.report(
            "an impossible rule: this list does not go with the mode \(mode.rawValue)",
            hint: "remove the list, or use \(node.path.hasSuffix("exclude") ? "allow_all_except" : "allow_only")")
    }

    /// Deny takes precedence: `deny` beside `allow_all` denies what it names, `deny_all` denies all. Contradictions are
    /// errors.
    private static func restriction(_ node: ConfigNode) -> NameRule? {
        let allowsAll = node["allow_all"].bool() == true
        let deniesAll = node["deny_all"].bool() == true
        let (only, except, deny) = (
            node["allow_only"].globs(), node["allow_all_except"].globs(), node["deny"].globs()
        )
        let denied = except == nil && deny == nil ? nil : (except ?? []) + (deny ?? [])
        if only != nil, allowsAll || denied != nil {
            node.report(
                "an impossible rule: allow_only together with another rule",
                hint: "keep allow_only and leave out of it what is denied, or keep the other")
            return .denyAll
        }
        if deniesAll, allowsAll {
            node.report("an impossible rule: allow_all and deny_all at once", hint: "keep one of them")
            return .denyAll
        }
        if deniesAll { return .denyAll }
        if let only { return .allowOnly(only) }
        if let denied { return except == nil && !allowsAll ? .deny(denied) : .allowAllExcept(denied) }
        if allowsAll { return .allowAll }
        node.report(
            "a rule that says nothing", hint: "use allow_all, deny_all, allow_only, allow_all_except or deny")
        return .denyAll
    }

    private static func channel(_ name: String, _ node: ConfigNode, _ names: DeclaredNames) -> ChannelRule {
        var rule = ChannelRule(channel: ChannelRule.channel(name), source: node.source)
        rule.servers = node["servers"].textsUnlessAll()
        for server in node["servers"].listItems() {
            if let name = server.text() { names.check(server: name, shown: server.written, at: server) }
        }
        if node["roles"].textsUnlessAll() != nil { rule.roles = node["roles"].elements().compactMap(names.role) }
        rule.isReadOnly = node["read_only"].bool() ?? false
        rule.isPrivate = node["visibility"].choice("visibility", Visibility.self) == .private
        return rule
    }
}

extension ConfigNode {
    /// The items of a list; empty for a lone `"*"`.
    func listItems() -> [ConfigNode] { node?.scalar == nil ? elements() : [] }
}
