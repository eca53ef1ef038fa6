import Bridge

/// Decodes the users of users.yaml.
enum UsersSection {
    /// The decoded users.
    struct Outcome {
        let users: ConfiguredUsers
        /// `default_user.allowed_mcps`.
        let defaultServers: Sourced<ServerAccess>?
    }

    static func decode(
        _ root: ConfigNode, _ names: DeclaredNames, admins: String?, workspace: String?
    ) -> Outcome {
        let node = root["default_user"]
        var fallback = ConfiguredUsers.Fallback()
        fallback.role = names.assignedRole(node["role"]) ?? fallback.role
        fallback.domains = node["allowed_domains"].textsUnlessAll()
        if node.isPresent { fallback.source = node.source }
        let servers = node["allowed_mcps"]
        let defaultServers = access(servers, names).map { Sourced($0, servers.source) }
        let example = names.roles[fallback.role] == nil ? ConfiguredUsers.Fallback().role : fallback.role
        var directory = Directory(names: names, defaultRole: example)
        for entry in root["super_admins"].elements() { directory.add(entry, isSuperAdmin: true) }
        for entry in root["users"].elements() { directory.add(entry, isSuperAdmin: false) }
        RolesSection.checkServers(root["roles"], names)
        let emails = (admins ?? "").split { $0 == "," || $0 == ";" || $0.isWhitespace }.map(String.init)
        return Outcome(
            users: ConfiguredUsers(
                entries: directory.entries, fallback: fallback, admins: emails, workspace: workspace),
            defaultServers: defaultServers)
    }

    /// `"*"`, a list of servers, or a mapping of servers to `"*"` or `{mode, tools, deny}`; nil when absent.
    fileprivate static func access(_ node: ConfigNode, _ names: DeclaredNames) -> ServerAccess? {
        guard node.isPresent, let value = node.node else { return nil }
        if value.scalar != nil {
            if value.scalar?.string == "*" { return .all }
            node.wrongType("\"*\", a list or a mapping of servers")
            return .listed([:])
        }
        var grants: [String: ServerGrant] = [:]
        if value.sequence != nil {
            for item in node.elements() {
                guard let name = item.text() else { continue }
                if name == "*" { return .all }
                names.check(server: name, shown: item.written, at: item)
                grants[name] = .all
            }
            return .listed(grants)
        }
        for (name, grant) in node.entries() {
            names.check(server: name, shown: name, at: grant)
            grants[name] = Self.grant(grant)
        }
        return .listed(grants)
    }

    private enum Mode: String, CaseIterable { case inherit, custom, all }

    private static func grant(_ node: ConfigNode) -> ServerGrant {
        if let text = node.node?.scalar?.string {
            if text == "*" { return .all }
            node.report("unknown grant \"\(node.written)\"", hint: "use \"*\" or {mode, tools, deny}")
            return .unknown(mode: node.written)
        }
        let mode = node["mode"].choice("mode", Mode.self)
        let (tools, deny) = (node["tools"].globs(), node["deny"].globs() ?? [])
        switch mode {
        case .all: return deny.isEmpty ? .all : .inherit(deny: deny.map(\.value))
        case .inherit: return .inherit(deny: deny.map(\.value))
        case .custom:
            if tools == nil {
                node["tools"].report("a required value is missing", hint: "mode custom needs the list of tools")
            }
            return .custom(tools: (tools ?? []).map(\.value), deny: deny.map(\.value))
        case nil:
            if !node["mode"].isPresent {
                node["mode"].report("a required value is missing", hint: "use inherit, custom or all")
            }
            return .unknown(mode: node["mode"].written)
        }
    }

    /// The entries so far, to report a user who is named twice.
    private struct Directory {
        let names: DeclaredNames
        let defaultRole: String
        var entries: [ConfiguredUsers.Entry] = []
        private var emailLines: [String: Int] = [:]
        private var slackLines: [String: Int] = [:]

        init(names: DeclaredNames, defaultRole: String) {
            self.names = names
            self.defaultRole = defaultRole
        }

        mutating func add(_ node: ConfigNode, isSuperAdmin: Bool) {
            let email = self.email(node["email"])
            let slackUser = self.slackUser(node["slack_user_id"])
            let role = role(node["role"], isSuperAdmin: isSuperAdmin)
            let name = node["name"].text()
            let servers = access(node["allowed_mcps"], names)
            let domains = node["allowed_domains"].textsUnlessAll()
            let databases = node["allowed_databases"].textsUnlessAll()
            guard let email else { return }
            let principal = Principal(
                email: email, name: name ?? email, role: role, isSuperAdmin: isSuperAdmin, servers: servers,
                domains: domains, databases: databases, source: node.source)
            entries.append(ConfiguredUsers.Entry(principal: principal, slackUser: slackUser))
        }

        private func role(_ node: ConfigNode, isSuperAdmin: Bool) -> String {
            if let role = names.assignedRole(node) { return role }
            if isSuperAdmin { return Role.admin }
            if !node.isPresent {
                node.report("a required value is missing", hint: "name a role, as \(defaultRole)")
            }
            return defaultRole
        }

        private mutating func email(_ node: ConfigNode) -> String? {
            guard let text = node.requiredText(hint: "people are known by their e-mail") else { return nil }
            let email = ConfiguredUsers.normalised(text)
            guard email.split(separator: "@", omittingEmptySubsequences: false).filter({ !$0.isEmpty }).count == 2
            else {
                node.report("\"\(node.written)\" is no e-mail address", hint: "write name@domain")
                return nil
            }
            if let line = emailLines[email] {
                node.report("\"\(node.written)\" is named twice", hint: "the first is on line \(line); keep one")
                return nil
            }
            emailLines[email] = node.position?.line ?? 0
            return email
        }

        private mutating func slackUser(_ node: ConfigNode) -> String? {
            guard let id = node.text(), !id.isEmpty else { return nil }
            if let line = slackLines[id] {
                node.report(
                    "the Slack id \"\(node.written)\" belongs to two people",
                    hint: "the first is on line \(line); keep one")
                return nil
            }
            slackLines[id] = node.position?.line ?? 0
            return id
        }
    }
}
