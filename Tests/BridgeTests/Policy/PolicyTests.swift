import Testing

@testable import Bridge

@Suite("The verdict of the policy")
struct PolicyTests {
    @Test("without rules an administrator is allowed, and a reader without servers is not")
    func defaults() {
        let house = Rules()
        #expect(house.verdict("admin").decision == .allow)
        let verdict = house.verdict("read_only")
        #expect(verdict.decision == .deny)
        #expect(verdict.step == .user)
    }

    @Test("step 1: blocked tools are denied except to super admins, whose use is noted")
    func blocked() throws {
        var house = Rules()
        house.rules.blockedTools = [try glob("drop_*", "mcps.yaml", 12, "global.blocked_tools[0]")]
        let verdict = house.verdict("admin")
        #expect(verdict.decision == .deny)
        #expect(verdict.step == .blockedTools)
        #expect(verdict.rule == RuleSource(file: "mcps.yaml", line: 12, key: "global.blocked_tools[0]"))
        let lifted = house.verdict("read_only", isSuperAdmin: true)
        #expect(lifted.decision == .allow)
        #expect(lifted.notes == ["super_admin"])
    }

    @Test("step 2: admin-only tools are for administrators, and a bypass does not help")
    func adminOnly() throws {
        var house = Rules()
        house.rules.adminOnlyTools = [try glob("drop_*")]
        house.rules.roles["dba"]?.canBypassToolRestrictions = true
        #expect(house.verdict("dba", servers: .all).step == .adminOnlyTools)
        #expect(house.verdict("admin").isAllowed)
    }

    @Test("step 3: the server's tool policy in its three forms")
    func toolPolicy() throws {
        var house = Rules()
        func decide(_ rule: NameRule) -> Verdict {
            house.server.toolPolicy = Sourced(rule, .builtIn("tool_policy"))
            return house.verdict("admin")
        }
        #expect(decide(.allowAll).isAllowed)
        #expect(decide(.allowOnly([try glob("get_*")])).step == .toolPolicy)
        #expect(decide(.allowOnly([try glob("drop_*")])).isAllowed)
        #expect(decide(.allowAllExcept([try glob("drop_index")])).step == .toolPolicy)
        #expect(decide(.allowAllExcept([try glob("get_*")])).isAllowed)
    }

    @Test("step 4: role restrictions deny the roles without a rule; with none at all a tool is open unless required")
    func roleRestrictions() throws {
        var house = Rules()
        house.server.roleRestrictions = ["dba": Sourced(.allowAll, .builtIn("r"))]
        #expect(house.verdict("dba", servers: .all).isAllowed)
        #expect(house.verdict("power_user", servers: .all).step == .roleRestrictions)
        house.server.roleRestrictions = ["dba": Sourced(.deny([try glob("drop_*")]), .builtIn("r"))]
        #expect(house.verdict("dba", servers: .all).step == .roleRestrictions)
        house.server.roleRestrictions = nil
        #expect(house.verdict("dba", servers: .all).isAllowed)
        house.rules.requireRoleRestrictions = Sourced(true, .builtIn("global.require_role_restrictions"))
        #expect(house.verdict("dba", servers: .all).step == .roleRestrictions)
    }

    @Test("step 5: the role's lists; deny takes precedence over allow; dangerous tools need the permission")
    func roles() throws {
        var house = Rules()
        house.rules.roles["dba"]?.allowedTools = ["shop": [try glob("*")]]
        #expect(house.verdict("dba").isAllowed)
        house.rules.roles["dba"]?.deniedTools = [try glob("drop_index")]
        #expect(house.verdict("dba").step == .role)
        house.rules.roles["dba"]?.deniedTools = []
        house.rules.roles["dba"]?.allowedPatterns = [try glob("get_*")]
        #expect(house.verdict("dba").step == .role)
        house.rules.roles["dba"]?.allowedPatterns = nil
        house.rules.dangerousPatterns = [try glob("drop_*")]
        house.rules.roles["dba"]?.canExecuteDangerousTools = false
        #expect(house.verdict("dba").step == .role)
    }

    @Test("an undeclared role has no tools of its own and ranks lowest; the user's own list still counts")
    func undeclaredRole() throws {
        var house = Rules()
        #expect(house.verdict("contractor").step == .user)
        #expect(house.verdict("contractor", servers: .all).isAllowed)
        let narrowed = ServerGrant.custom(tools: [try Glob("get_*")], deny: [])
        #expect(house.verdict("contractor", servers: .listed(["shop": narrowed])).step == .user)
        house.server.roleRestrictions = ["dba": Sourced(.allowAll, .builtIn("r"))]
        #expect(house.verdict("contractor", servers: .all).step == .roleRestrictions)
        house.server.roleRestrictions = nil
        house.rules.dangerousPatterns = [try glob("drop_*")]
        #expect(house.verdict("contractor", servers: .all).step == .role)
        #expect(house.verdict("read_only", servers: .all).isAllowed)
        let policy = Policy(house.rules)
        let (contractor, dba) = (house.person("contractor"), house.person("dba"))
        #expect(!policy.hasRank(of: "read_only", contractor) && policy.hasRank(of: nil, contractor))
        #expect(policy.hasRank(of: "read_only", dba) && !policy.hasRank(of: "admn", dba))
        #expect(policy.hasRank(of: "admn", house.person("admin")))
    }

    @Test("a pattern for another server's tools denies tools of that very name on a server that passes them on")
    func passedOnTools() throws {
        func decide(_ list: WritableKeyPath<PolicyRules, [Sourced<Glob>]>) throws -> Verdict {
            var house = Rules(server: "gateway", tool: "jira__delete_issue")
            house.rules[keyPath: list] = [try glob("jira__delete_*")]
            return house.verdict("dba", servers: .all)
        }
        #expect(try decide(\.blockedTools).step == .blockedTools)
        #expect(try decide(\.adminOnlyTools).step == .adminOnlyTools)
        #expect(try decide(\.confirmActions).step == .approval)
        var house = Rules(server: "gateway", tool: "jira__delete_issue")
        house.rules.roles["dba"]?.deniedTools = [try glob("jira__delete_*")]
        #expect(house.verdict("dba", servers: .all).step == .role)
        house.rules.roles["dba"]?.deniedTools = []
        house.server.toolPolicy = Sourced(.allowAllExcept([try glob("jira__delete_*")]), .builtIn("t"))
        #expect(house.verdict("dba", servers: .all).step == .toolPolicy)
        house.server.toolPolicy = Sourced(.allowOnly([try glob("jira__delete_*")]), .builtIn("t"))
        #expect(house.verdict("dba", servers: .all).isAllowed)
        house.server.toolPolicy = nil
        let denied = ServerGrant.inherit(deny: [try Glob("jira__*")])
        #expect(house.verdict("dba", servers: .listed(["gateway": denied])).step == .user)
        // A list that allows tools of any server names the server, whatever a server calls its tools.
        house.rules.roles["dba"]?.allowedPatterns = [try glob("jira__delete_*")]
        #expect(house.verdict("dba", servers: .all).step == .role)
        house.rules.roles["dba"]?.allowedPatterns = [try glob("gateway__jira__*")]
        #expect(house.verdict("dba", servers: .all).isAllowed)
    }

    @Test("the analytics tools are for administrators, whatever the list of another says")
    func auditLog() {
        let house = Rules(server: Policy.analyticsServer)
        #expect(house.verdict("dba", servers: .all).step == .role)
        #expect(!Policy(house.rules).mayUse(server: Policy.analyticsServer, house.person("dba"), in: .commandLine))
        #expect(house.verdict("power_user", servers: .all).step == .role)
        #expect(house.verdict("admin").isAllowed)
    }

    @Test("answers are private in a channel whose rule says so, or cannot be checked, and about a private server")
    func visibility() {
        var house = Rules()
        var rule = ChannelRule(channel: "incidents", source: .builtIn("channel_rules.incidents"))
        house.rules.channels = [rule]
        let incidents = Place(entryPoint: .slack, channel: "C1", channelName: "incidents")
        #expect(!Policy(house.rules).isPrivate(incidents))
        rule.isPrivate = true
        house.rules.channels = [rule]
        let policy = Policy(house.rules)
        #expect(policy.isPrivate(incidents))
        #expect(policy.isPrivate(Place(entryPoint: .slack, channel: "C2")))
        #expect(!policy.isPrivate(Place(entryPoint: .slack, channel: "C2", channelName: "ops")))
        #expect(!policy.hasPrivateServers && !policy.isPrivate(server: "shop"))
        house.server.isPrivate = true
        #expect(Policy(house.rules).hasPrivateServers && Policy(house.rules).isPrivate(server: "shop"))
    }

    @Test("step 6: the user's own list, else the role's servers, else the default user's, else none")
    func servers() throws {
        var house = Rules()
        #expect(house.verdict("dba").step == .user)
        house.rules.defaultServers = Sourced(.listed(["shop": .all]), .builtIn("default_user.allowed_mcps"))
        #expect(house.verdict("dba").isAllowed)
        house.rules.roles["dba"]?.allowedTools = ["other": [try glob("*")]]
        #expect(house.verdict("dba").step == .role)
        house.rules.roles["dba"]?.allowedTools = nil
        #expect(house.verdict("dba", servers: .listed([:])).step == .user)
        #expect(house.verdict("dba", servers: .listed(["shop": .inherit(deny: [try Glob("drop_*")])])).step == .user)
        let narrowed = ServerGrant.custom(tools: [try Glob("drop_*")], deny: [])
        #expect(house.verdict("dba", servers: .listed(["shop": narrowed])).isAllowed)
        let other = ServerGrant.custom(tools: [try Glob("*")], deny: [try Glob("drop_index")])
        #expect(house.verdict("dba", servers: .listed(["shop": other])).step == .user)
        #expect(house.verdict("dba", servers: .listed(["shop": .unknown(mode: "x")])).step == .user)
    }

    @Test("access to all servers does not lift the other steps")
    func allServersLiftNothing() throws {
        var house = Rules()
        house.server.roleRestrictions = ["power_user": Sourced(.denyAll, .builtIn("r"))]
        #expect(house.verdict("power_user", servers: .all).step == .roleRestrictions)
    }

    @Test("a bypass lifts steps 3 to 5 and no later step")
    func bypass() throws {
        var house = Rules()
        house.server.toolPolicy = Sourced(.denyAll, .builtIn("p"))
        house.server.roleRestrictions = [:]
        house.rules.roles["dba"]?.canBypassToolRestrictions = true
        house.rules.roles["dba"]?.deniedTools = [try glob("*")]
        #expect(house.verdict("dba", servers: .all).isAllowed)
        #expect(house.verdict("dba", servers: .listed([:])).step == .user)
    }

    @Test(
        "step 7: databases are checked at any place in the arguments",
        arguments: [
            (#"{"database":"shop"}"#, true), (#"{"database":"secret"}"#, false),
            (#"{"db_name":["shop","secret"]}"#, false),
            (#"{"db_name":["shop","shop"]}"#, true), (#"{"target":{"dsn":"secret"}}"#, false),
            (#"{"list":[{"db":"secret"}]}"#, false), (#"{"database":7}"#, false),
            (#"{"database":{"name":"shop"}}"#, false),
            (#"{"other":"secret"}"#, true), (#"{"database":null}"#, true),
        ])
    func databases(arguments: String, allowed: Bool) throws {
        let verdict = Rules().verdict("admin", databases: ["shop"], arguments: try JSONValue(parsing: arguments))
        #expect(verdict.isAllowed == allowed)
        #expect(allowed || verdict.step == .databases)
    }

    @Test("a call without a database is allowed and noted; with access to all databases none is checked")
    func unspecifiedDatabase() throws {
        var house = Rules()
        #expect(house.verdict("admin", databases: ["shop"], arguments: [:]).notes == ["database=unspecified"])
        #expect(house.verdict("admin", databases: ["*"], arguments: [:]).notes.isEmpty)
        house.rules.roles["admin"]?.canAccessAllDatabases = true
        #expect(house.verdict("admin", databases: ["shop"], arguments: ["database": "secret"]).isAllowed)
    }

    @Test("step 8: a channel limits servers, roles and writes")
    func channels() throws {
        var house = Rules()
        let place = Place(entryPoint: .slack, channel: "C1", channelName: "ops")
        var rule = ChannelRule(channel: "ops", source: .builtIn("channel_rules.#ops"))
        func decide(_ readOnly: Bool? = nil) -> Verdict {
            house.rules.channels = [rule]
            return house.verdict("admin", place: place, annotations: ToolAnnotations(readOnly: readOnly))
        }
        #expect(decide().isAllowed)
        rule.servers = ["other"]
        #expect(decide().step == .channel)
        rule.servers = ["shop"]
        rule.roles = ["dba"]
        #expect(decide().step == .channel)
        rule.roles = nil
        rule.isReadOnly = true
        #expect(decide().step == .channel)
        #expect(decide(true).isAllowed)
        house.rules.readOnlyPatterns = [try glob("drop_*")]
        #expect(decide().isAllowed)
    }

    @Test("writes are denied in a channel of unknown name when a rule names channels; a rule by id applies as usual")
    func unknownChannelName() {
        var house = Rules()
        let source = RuleSource(file: "slack.yaml", line: 3, key: "channel_rules.#prod")
        house.rules.channels = [ChannelRule(channel: "prod", source: source)]
        func decide(_ place: Place) -> Verdict { house.verdict("admin", place: place) }
        let unknown = Place(entryPoint: .slack, channel: "C0PROD")
        let verdict = decide(unknown)
        #expect(verdict.decision == .deny && verdict.step == .channel)
        #expect(verdict.rule == source)
        #expect(verdict.reason == "the name of this channel cannot be checked now")
        #expect(decide(Place(entryPoint: .http, channel: "C0PROD")).step == .channel)
        #expect(decide(Place(entryPoint: .slack, channel: "C0PROD", channelName: "dev")).isAllowed)
        house.rules.channels[0].isReadOnly = true
        let renamed = Place(entryPoint: .slack, channel: "C0PROD", channelName: "dev", formerNames: ["prod"])
        #expect(decide(renamed).step == .channel, "a new name lifts no rule")
        #expect(decide(Place(entryPoint: .slack, channel: "D0ANA", isDirect: true)).isAllowed)
        #expect(decide(.commandLine).isAllowed)
        let ana = Principal(email: "ana@acme.example", name: "Ana", role: "admin", source: .builtIn("users[0]"))
        #expect(!Policy(house.rules).mayUse(server: "shop", ana, in: unknown))
        house.rules.channels = [ChannelRule(channel: "C0PROD", source: source)]
        #expect(decide(unknown).isAllowed)
        #expect(Policy(house.rules).mayUse(server: "shop", ana, in: unknown))
        house.rules.channels[0].isReadOnly = true
        #expect(decide(unknown).step == .channel)
        #expect(decide(Place(entryPoint: .slack, channel: "C0DEV")).isAllowed)
    }

    @Test(
        "ids and names of channels are distinguished",
        arguments: [
            ("C0123ABCD", false), ("G1", false), ("D1", false), ("prod", true), ("2026", true), ("c0123", true),
            ("C-level", true), ("日本", true), ("", true),
        ])
    func channelNames(channel: String, isName: Bool) { #expect(ChannelRule.isName(channel) == isName) }

    @Test("step 9: approval is needed for tools that a rule names and for destructive ones")
    func approval() throws {
        var house = Rules()
        #expect(house.verdict("admin", annotations: ToolAnnotations(destructive: true)).decision == .ask)
        house.rules.confirmActions = [try glob("drop_*")]
        #expect(house.verdict("admin").decision == .ask)
        house.rules.confirmActions = []
        house.rules.unannotated = Sourced(.deny, .builtIn("approval.unannotated"))
        #expect(house.verdict("admin").step == .approval)
        #expect(house.verdict("admin", annotations: ToolAnnotations(readOnly: true)).isAllowed)
    }

    @Test("the analytics tools are for administrators, for all lists of servers")
    func analytics() {
        let house = Rules(server: Policy.analyticsServer)
        #expect(house.verdict("dba", servers: .all).decision == .deny)
        #expect(house.verdict("admin").isAllowed)
    }
}

/// The original's roles and one server, to be changed in each test.
private struct Rules {
    var rules = PolicyRules()
    let serverName: String
    let toolName: String

    init(server: String = "shop", tool: String = "drop_index") {
        serverName = server
        toolName = tool
        for (name, rank) in Role.ranks {
            rules.roles[name] = Role(name: name, source: .builtIn("roles.\(name)"), rank: rank)
        }
        rules.servers[server] = ServerRules(source: .builtIn("mcps[0]"))
    }

    var server: ServerRules {
        get { rules.servers[serverName] ?? ServerRules(source: .builtIn("mcps[0]")) }
        set { rules.servers[serverName] = newValue }
    }

    func person(
        _ role: String, isSuperAdmin: Bool = false, servers: ServerAccess? = .all, databases: [String]? = nil
    ) -> Principal {
        Principal(
            email: "ana@acme.example", name: "Ana", role: role, isSuperAdmin: isSuperAdmin, servers: servers,
            databases: databases, source: RuleSource(file: "users.yaml", line: 7, key: "users[0]"))
    }

    func verdict(
        _ role: String, isSuperAdmin: Bool = false, servers: ServerAccess? = nil, databases: [String]? = nil,
        place: Place = .commandLine, annotations: ToolAnnotations = ToolAnnotations(), arguments: JSONValue? = nil
    ) -> Verdict {
        let principal = person(role, isSuperAdmin: isSuperAdmin, servers: servers, databases: databases)
        let tool = ToolDefinition(
            name: ToolName(server: serverName, tool: toolName), description: "Drops an index.",
            inputSchema: ["type": "object"], annotations: annotations)
        return Policy(rules).verdict(for: principal, in: place, on: tool, arguments: arguments)
    }
}

private func glob(
    _ pattern: String, _ file: String = "mcps.yaml", _ line: Int = 1, _ key: String = "k"
) throws -> Sourced<Glob> {
    Sourced(try Glob(pattern), RuleSource(file: file, line: line, key: key))
}
