/// A rule with the place where it is written.
package struct Sourced<Value: Sendable & Hashable>: Sendable, Hashable {
    package let value: Value
    package let source: RuleSource

    package init(_ value: Value, _ source: RuleSource) {
        self.value = value
        self.source = source
    }
}

/// How a list of tool names restricts tools.
package enum NameRule: Sendable, Hashable {
    case allowAll
    case denyAll
    /// Every tool that no pattern matches is denied.
    case allowOnly([Sourced<Glob>])
    /// Every tool that a pattern matches is denied.
    case allowAllExcept([Sourced<Glob>])
    /// `deny:`; the same effect as `allowAllExcept`.
    case deny([Sourced<Glob>])
}

/// Everything that a verdict depends on besides the principal, the place and the call. Decoded from the configuration;
/// part of a question's ``SettingsSnapshot``.
package struct PolicyRules: Sendable {
    /// Step 1: denied to all but super admins.
    package var blockedTools: [Sourced<Glob>] = []
    /// Step 2: denied to all but administrators.
    package var adminOnlyTools: [Sourced<Glob>] = []
    /// `+global.require_role_restrictions`: a server without `role_restrictions` is denied at step 4.
    package var requireRoleRestrictions: Sourced<Bool>?
    /// By the server's name.
    package var servers: [String: ServerRules] = [:]
    /// The declared roles, by name.
    package var roles: [String: Role] = [:]
    /// `default_user.allowed_mcps`, for users without a list of their own whose role names no servers.
    package var defaultServers: Sourced<ServerAccess>?
    /// `tool_patterns.dangerous`.
    package var dangerousPatterns: [Sourced<Glob>] = []
    /// `tool_patterns.read_only_safe`.
    package var readOnlyPatterns: [Sourced<Glob>] = []
    /// `interactive.require_confirmation.actions`; empty when confirmation is not enabled.
    package var confirmActions: [Sourced<Glob>] = []
    /// `+approval.unannotated`: the decision of step 9 for a tool that declares neither `readOnlyHint` nor
    /// `destructiveHint`.
    package var unannotated = Sourced(Verdict.Decision.allow, .builtIn("approval.unannotated"))
    /// Step 8: every rule that applies to the place must allow the call.
    package var channels: [ChannelRule] = []

    package init() {}

    /// The role of that name. One that is not declared ranks lowest and has neither rules nor permissions of its own,
    /// so that the lists of its users and the other rules decide.
    package func role(named name: String) -> Role {
        if let role = roles[name] { return role }
        var role = Role(name: name, source: .builtIn("roles.\(name)"))
        role.canExecuteDangerousTools = false
        return role
    }
}

/// The rules of one MCP server.
package struct ServerRules: Sendable, Hashable {
    package let source: RuleSource
    /// `tool_policy` (step 3); nil restricts nothing.
    package var toolPolicy: Sourced<NameRule>?
    /// `role_restrictions` by role (step 4). nil restricts nothing, unless `requireRoleRestrictions` is set; a role
    /// that is not named is denied.
    package var roleRestrictions: [String: Sourced<NameRule>]?
    /// The argument names that hold a database (step 7).
    package var databaseArguments: [String]
    /// `+visibility: private`: answers with data of the server are shown to the asker only.
    package var isPrivate: Bool

    /// The value of `databaseArguments` for a server without `+database_arguments`.
    package static let defaultDatabaseArguments = ["database", "db", "db_name", "database_name", "dsn"]

    package init(
        source: RuleSource, toolPolicy: Sourced<NameRule>? = nil, roleRestrictions: [String: Sourced<NameRule>]? = nil,
        databaseArguments: [String] = Self.defaultDatabaseArguments, isPrivate: Bool = false
    ) {
        self.source = source
        self.toolPolicy = toolPolicy
        self.roleRestrictions = roleRestrictions
        self.databaseArguments = databaseArguments
        self.isPrivate = isPrivate
    }
}

/// A declared role.
package struct Role: Sendable, Hashable {
    package let name: String
    package let source: RuleSource
    package var displayName: String
    package var description: String
    /// The position in the order of power; a higher rank is more powerful.
    package var rank: Int
    /// Lifts steps 3 to 5.
    package var canBypassToolRestrictions = false
    /// False denies tools that match `tool_patterns.dangerous` (step 5).
    package var canExecuteDangerousTools = true
    /// Lifts step 7.
    package var canAccessAllDatabases = false
    /// `can_manage_users`: `/omni-admin` lists users, changes their roles, disables and enables them.
    package var canManageUsers = false
    /// `can_modify_config`: `/omni-admin` reloads the configuration.
    package var canModifyConfiguration = false
    /// `allowed_mcp_tools`: patterns by server name or `*`; nil restricts nothing.
    package var allowedTools: [String: [Sourced<Glob>]]?
    /// `allowed_tool_patterns`; nil restricts nothing.
    package var allowedPatterns: [Sourced<Glob>]?
    /// `denied_tools`.
    package var deniedTools: [Sourced<Glob>] = []

    package init(name: String, source: RuleSource, displayName: String = "", description: String = "", rank: Int = 0) {
        self.name = name
        self.source = source
        self.displayName = displayName.isEmpty ? name : displayName
        self.description = description
        self.rank = rank
    }

    /// The name of the administrators' role, which may use the analytics tools and `admin_only_tools`.
    package static let admin = "admin"

    /// The ranks of the predefined roles.
    package static let ranks = ["read_only": 10, "qa_tester": 20, "power_user": 30, "dba": 40, "admin": 50]
}

/// What one channel allows (slack.yaml `+channel_rules`).
package struct ChannelRule: Sendable, Hashable {
    /// The channel's id, or its name without `#`.
    package let channel: String
    package let source: RuleSource
    /// The servers that may be used there; nil allows every server.
    package var servers: [String]?
    /// The roles that may use tools there; nil allows every role.
    package var roles: [String]?
    /// Allows only tools with `readOnlyHint: true` and tools that match `tool_patterns.read_only_safe`.
    package var isReadOnly = false
    /// `visibility: private`: answers there are shown to the asker only.
    package var isPrivate = false

    package init(channel: String, source: RuleSource) {
        self.channel = channel
        self.source = source
    }

    /// Whether the rule names the place by its id, its name or one of its earlier names.
    package func applies(to place: Place) -> Bool {
        channel == place.channel || channel == place.channelName || place.formerNames.contains(channel)
    }

    /// Whether it is unknown if the rule applies to the place: the rule has a channel's name, and the name of the
    /// place's channel is not known. Callers must then treat the rule as denying.
    package func isUncheckable(in place: Place) -> Bool { Self.isUncheckable(channel, in: place) }

    /// As ``isUncheckable(in:)``, for the id or name that a rule of another kind has.
    static func isUncheckable(_ channel: String, in place: Place) -> Bool {
        place.channel != nil && place.channelName == nil && !place.isDirect && isName(channel)
    }

    /// Whether a rule's `channel` is a name and not an id. Ids consist of upper-case letters and digits and begin with
    /// C, G or D; names contain no upper-case letters.
    package static func isName(_ channel: String) -> Bool {
        guard let first = channel.first, "CGD".contains(first) else { return true }
        return !channel.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) }
    }

    /// A channel as a rule has it, from a name that may begin with `#`, or an id.
    package static func channel(_ written: String) -> String {
        written.hasPrefix("#") ? String(written.dropFirst()) : written
    }
}
