/// A rule with the place where it was written.
package struct Sourced<Value: Sendable & Hashable>: Sendable, Hashable {
    package let value: Value
    package let source: RuleSource

    package init(_ value: Value, _ source: RuleSource) {
        self.value = value
        self.source = source
    }
}

/// How a list of tool names is meant.
package enum NameRule: Sendable, Hashable {
    case allowAll
    case denyAll
    case allowOnly([Sourced<Glob>])
    case allowAllExcept([Sourced<Glob>])
    /// `deny:` names tools that are denied and says nothing of the others.
    case deny([Sourced<Glob>])
}

/// Everything the verdict depends on besides the person, the place and the call: decoded from the configuration,
/// immutable, part of the snapshot under which a question lives.
package struct PolicyRules: Sendable {
    package var blockedTools: [Sourced<Glob>] = []
    package var adminOnlyTools: [Sourced<Glob>] = []
    /// `+global.require_role_restrictions`: a server without role_restrictions is closed.
    package var requireRoleRestrictions: Sourced<Bool>?
    package var servers: [String: ServerRules] = [:]
    package var roles: [String: Role] = [:]
    /// `default_user.allowed_mcps`, for people who have no list of their own.
    package var defaultServers: Sourced<ServerAccess>?
    package var dangerousPatterns: [Sourced<Glob>] = []
    package var readOnlyPatterns: [Sourced<Glob>] = []
    /// `interactive.require_confirmation.actions`, when enabled.
    package var confirmActions: [Sourced<Glob>] = []
    /// `+approval.unannotated`: what a tool without annotations gets.
    package var unannotated = Sourced(Verdict.Decision.allow, .builtIn("approval.unannotated"))
    package var channels: [ChannelRule] = []

    package init() {}
}

/// The rules of one MCP server.
package struct ServerRules: Sendable, Hashable {
    package let source: RuleSource
    package var toolPolicy: Sourced<NameRule>?
    /// nil: the key is absent; empty: it is there and names no role.
    package var roleRestrictions: [String: Sourced<NameRule>]?
    /// The argument names that hold a database (step 7).
    package var databaseArguments: [String]
    /// `+visibility: private`: answers that used this server are shown to the asker only.
    package var isPrivate: Bool

    /// `+database_arguments` when the entry does not name its own.
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
    /// Order of power, for `required_role`: a higher rank includes the lower ones.
    package var rank: Int
    package var canBypassToolRestrictions = false
    package var canExecuteDangerousTools = true
    package var canAccessAllDatabases = false
    package var canManageUsers = false
    package var canModifyConfiguration = false
    package var canViewAuditLogs = false
    /// `allowed_mcp_tools`: server name or `*` → globs; nil restricts nothing.
    package var allowedTools: [String: [Sourced<Glob>]]?
    /// `allowed_tool_patterns`; nil restricts nothing.
    package var allowedPatterns: [Sourced<Glob>]?
    package var deniedTools: [Sourced<Glob>] = []
    /// 0: no limit.
    package var requestsPerHour = 0
    package var concurrentRequests = 0

    package init(name: String, source: RuleSource, displayName: String = "", description: String = "", rank: Int = 0) {
        self.name = name
        self.source = source
        self.displayName = displayName.isEmpty ? name : displayName
        self.description = description
        self.rank = rank
    }

    /// The role that sees the analytics tools and passes `admin_only_tools`.
    package static let admin = "admin"

    /// The original's roles in their order of power (decisions, section 2).
    package static let ranks = ["read_only": 10, "qa_tester": 20, "power_user": 30, "dba": 40, "admin": 50]
}

/// What one channel allows (slack.yaml `+channel_rules`).
package struct ChannelRule: Sendable, Hashable {
    /// The channel's id, or its name without `#`.
    package let channel: String
    package let source: RuleSource
    /// nil allows every server.
    package var servers: [String]?
    /// nil allows every role.
    package var roles: [String]?
    package var isReadOnly = false
    package var isPrivate = false

    package init(channel: String, source: RuleSource) {
        self.channel = channel
        self.source = source
    }

    package func applies(to place: Place) -> Bool {
        channel == place.channel || channel == place.channelName || place.formerNames.contains(channel)
    }

    /// Whether it cannot be told if the rule is meant for that place: it names a channel, and the place's name is not
    /// known. What cannot be told must not open what the rule closes.
    package func isUncheckable(in place: Place) -> Bool { Self.isUncheckable(channel, in: place) }

    /// The same for what a rule of another kind calls its channel.
    static func isUncheckable(_ channel: String, in place: Place) -> Bool {
        place.channel != nil && place.channelName == nil && !place.isDirect && isName(channel)
    }

    /// Whether a rule's `channel` is a name. Ids are upper-case letters and digits after C, G or D; names have no
    /// upper-case letters.
    package static func isName(_ channel: String) -> Bool {
        guard let first = channel.first, "CGD".contains(first) else { return true }
        return !channel.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) }
    }
}
