import TestKit
import Testing

@testable import Bridge

@Suite("The verdict for random rules")
struct PolicyPropertyTests {
    /// A tool denied in the listing is denied in each call; a tool allowed in a call is in the listing; a call
    /// without a database argument has the listing's verdict.
    @Test("listing and calling agree", arguments: 0..<20)
    func agreement(seed: UInt64) throws {
        var dice = SplitMix64(seed: seed)
        var seen: Set<Verdict.Decision> = []
        for _ in 0..<25 {
            let world = try RandomWorld(&dice)
            for tool in world.tools {
                let listed = world.verdict(tool, nil)
                seen.insert(listed.decision)
                let harmless = world.verdict(tool, ["limit": 3, "note": "shop"])
                #expect(harmless.decision == listed.decision && harmless.step == listed.step)
                for arguments in RandomWorld.arguments {
                    let called = world.verdict(tool, arguments)
                    #expect(listed.decision != .deny || called.decision == .deny, "\(tool.name) \(arguments.text())")
                    #expect(!called.isAllowed || listed.isAllowed, "\(tool.name) \(arguments.text())")
                    #expect(called.isAllowed == (called.step == nil))
                    let decided = called.step ?? .approval
                    #expect(listed.decision == .deny || decided == .databases || called.step == listed.step)
                }
            }
        }
        #expect(seen.count == 3)
    }

    @Test("all tools of a server that may not be used are denied", arguments: 0..<20)
    func servers(seed: UInt64) throws {
        var dice = SplitMix64(seed: seed &+ 2000)
        var seen: Set<Bool> = []
        for _ in 0..<50 {
            let world = try RandomWorld(&dice)
            let policy = Policy(world.rules)
            for server in RandomWorld.servers {
                let mayUse = policy.mayUse(server: server, world.person, in: world.place)
                seen.insert(mayUse)
                for tool in world.tools where tool.name.server == server && !mayUse {
                    #expect(world.verdict(tool, nil).decision == .deny, "\(tool.name), seed \(seed)")
                }
            }
        }
        #expect(seen.count == 2)
    }

    @Test(
        "removing deny rules never denies what was allowed; a blocked tool stays denied except for super admins",
        arguments: 0..<10)
    func monotony(seed: UInt64) throws {
        var dice = SplitMix64(seed: seed &+ 1000)
        for _ in 0..<25 {
            let world = try RandomWorld(&dice)
            var open = world
            open.rules.blockedTools = []
            open.rules.adminOnlyTools = []
            open.rules.dangerousPatterns = []
            open.rules.confirmActions = []
            for tool in world.tools {
                #expect(!world.verdict(tool, nil).isAllowed || open.verdict(tool, nil).isAllowed)
                let isBlocked = world.rules.blockedTools.contains { $0.value.matches(tool.name) }
                if isBlocked, !world.person.isSuperAdmin {
                    #expect(world.verdict(tool, nil).decision == .deny)
                }
                if tool.name.server == Policy.analyticsServer, !Policy(world.rules).isAdmin(world.person) {
                    #expect(world.verdict(tool, nil).decision == .deny)
                }
            }
        }
    }
}

extension PolicyPropertyTests {
    @Test("an unknown channel name never permits more than a known one", arguments: 0..<20)
    func unknownNames(seed: UInt64) throws {
        var dice = SplitMix64(seed: seed &+ 3000)
        for _ in 0..<50 {
            var unknown = try RandomWorld(&dice)
            var (named, other) = (unknown, unknown)
            unknown.place = Place(entryPoint: .slack, channel: "C1")
            named.place = Place(entryPoint: .slack, channel: "C1", channelName: "ops")
            other.place = Place(entryPoint: .slack, channel: "C1", channelName: "dev")
            for tool in unknown.tools where unknown.verdict(tool, [:]).isAllowed {
                #expect(named.verdict(tool, [:]).isAllowed && other.verdict(tool, [:]).isAllowed, "\(tool.name)")
            }
            for server in RandomWorld.servers where !Policy(unknown.rules).mayUse(unknown, server) {
                for tool in unknown.tools where tool.name.server == server {
                    #expect(unknown.verdict(tool, nil).decision == .deny, "\(tool.name)")
                }
            }
        }
    }
}

extension Policy {
    fileprivate func mayUse(_ world: RandomWorld, _ server: String) -> Bool {
        mayUse(server: server, world.person, in: world.place)
    }
}

extension SplitMix64 {
    fileprivate mutating func one<Value>(of values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &self)]
    }

    fileprivate mutating func happens(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// Random rules, a user and tools for one round.
private struct RandomWorld {
    var rules = PolicyRules()
    let person: Principal
    var place: Place
    let tools: [ToolDefinition]

    static let servers = ["shop", "logs", Policy.analyticsServer]
    static let globs = ["*", "get_*", "drop_*", "shop__*", "logs__get_*", "get_row", "[a-f]*", "?et_row", "nothing"]
    static let arguments: [JSONValue] = [
        [:], ["database": "shop"], ["database": "secret"], ["db": ["shop", "secret"]], ["deep": ["dsn": 7]],
        ["database": .null], ["list": [["db_name": "secret"]]],
    ]

    init(_ dice: inout SplitMix64) throws {
        let annotations = [
            ToolAnnotations(), ToolAnnotations(readOnly: true), ToolAnnotations(destructive: true),
            ToolAnnotations(readOnly: false, destructive: false),
        ]
        var tools: [ToolDefinition] = []
        for server in Self.servers {
            for name in ["get_row", "drop_index", "flush"] {
                tools.append(
                    ToolDefinition(
                        name: ToolName(server: server, tool: name), description: "", inputSchema: ["type": "object"],
                        annotations: dice.one(of: annotations)))
            }
        }
        self.tools = tools
        // Sorted, as the order of a dictionary differs between runs.
        for (name, rank) in Role.ranks.sorted(by: { $0.key < $1.key }) where dice.happens(90) {
            rules.roles[name] = try Self.role(name, rank, &dice)
        }
        for server in Self.servers where dice.happens(80) { rules.servers[server] = try Self.server(&dice) }
        if dice.happens(20) { rules.blockedTools = try Self.list(&dice) }
        if dice.happens(20) { rules.adminOnlyTools = try Self.list(&dice) }
        if dice.happens(20) { rules.dangerousPatterns = try Self.list(&dice) }
        if dice.happens(20) { rules.confirmActions = try Self.list(&dice) }
        if dice.happens(50) { rules.readOnlyPatterns = try Self.list(&dice) }
        if dice.happens(20) { rules.requireRoleRestrictions = Sourced(dice.happens(50), .builtIn("r")) }
        if dice.happens(70) { rules.defaultServers = Sourced(try Self.access(&dice), .builtIn("default")) }
        rules.unannotated = Sourced(dice.one(of: [.allow, .allow, .ask, .deny]), .builtIn("unannotated"))
        if dice.happens(30) {
            var rule = ChannelRule(channel: dice.one(of: ["C1", "ops"]), source: .builtIn("channel"))
            if dice.happens(30) { rule.servers = [dice.one(of: Self.servers)] }
            if dice.happens(30) { rule.roles = [dice.one(of: Array(Role.ranks.keys).sorted())] }
            rule.isReadOnly = dice.happens(30)
            rules.channels = [rule]
        }
        person = Principal(
            email: "ana@acme.example", name: "Ana",
            role: dice.one(of: Array(Role.ranks.keys).sorted() + ["admin", "admin", "contractor"]),
            isSuperAdmin: dice.happens(15), servers: dice.happens(50) ? try Self.access(&dice) : nil,
            databases: dice.one(of: [nil, ["shop"], [], ["*"]]), source: .builtIn("users[0]"))
        place = dice.one(of: [.commandLine, Place(entryPoint: .slack, channel: "C1", channelName: "ops")])
    }

    func verdict(_ tool: ToolDefinition, _ arguments: JSONValue?) -> Verdict {
        Policy(rules).verdict(for: person, in: place, on: tool, arguments: arguments)
    }

    private static func list(_ dice: inout SplitMix64) throws -> [Sourced<Glob>] {
        try (0..<Int.random(in: 0...2, using: &dice)).map { _ in
            Sourced(try Glob(dice.one(of: globs)), .builtIn("glob"))
        }
    }

    private static func bare(_ dice: inout SplitMix64) throws -> [Glob] { try list(&dice).map(\.value) }

    private static func nameRule(_ dice: inout SplitMix64) throws -> Sourced<NameRule> {
        let rules: [NameRule] = [
            .allowAll, .denyAll, .allowOnly(try list(&dice)), .allowAllExcept(try list(&dice)), .deny(try list(&dice)),
        ]
        return Sourced(dice.one(of: rules), .builtIn("rule"))
    }

    private static func server(_ dice: inout SplitMix64) throws -> ServerRules {
        var server = ServerRules(source: .builtIn("mcps"))
        if dice.happens(40) { server.toolPolicy = try nameRule(&dice) }
        if dice.happens(40) {
            server.roleRestrictions = [:]
            for role in Role.ranks.keys.sorted() where dice.happens(70) {
                server.roleRestrictions?[role] = try nameRule(&dice)
            }
        }
        return server
    }

    private static func role(_ name: String, _ rank: Int, _ dice: inout SplitMix64) throws -> Role {
        var role = Role(name: name, source: .builtIn("roles"), rank: rank)
        role.canBypassToolRestrictions = dice.happens(20)
        role.canExecuteDangerousTools = dice.happens(70)
        role.canAccessAllDatabases = dice.happens(30)
        if dice.happens(30) {
            role.allowedTools = [
                dice.one(of: servers + ["*"]): try list(&dice) + [Sourced(try Glob("*"), .builtIn("g"))]
            ]
        }
        if dice.happens(20) { role.allowedPatterns = try list(&dice) }
        if dice.happens(30) { role.deniedTools = try list(&dice) }
        return role
    }

    private static func access(_ dice: inout SplitMix64) throws -> ServerAccess {
        if dice.happens(50) { return .all }
        var grants: [String: ServerGrant] = [:]
        for server in servers where dice.happens(60) {
            let kinds: [ServerGrant] = [
                .all, .inherit(deny: try bare(&dice)), .custom(tools: try bare(&dice), deny: try bare(&dice)),
                .unknown(mode: "x"),
            ]
            grants[server] = dice.one(of: kinds)
        }
        return .listed(grants)
    }
}
