/// Who asks, after identity mapping: the Bridge knows people by their e-mail and role, never by a Slack id.
package struct Principal: Sendable, Hashable {
    /// Lower-cased; `u123@slack.invalid` when the workspace gives none.
    package let email: String
    package let name: String
    /// The name of a declared role.
    package let role: String
    package let isSuperAdmin: Bool
    /// The user's own `allowed_mcps`; nil when the user names none, so that role and default user decide.
    package let servers: ServerAccess?
    /// Topics that may be answered without tools; nil allows every topic.
    package let domains: [String]?
    /// `allowed_databases`; nil restricts nothing.
    package let databases: [String]?
    /// Where the user was declared, for the verdict's rule.
    package let source: RuleSource

    package init(
        email: String, name: String, role: String, isSuperAdmin: Bool = false, servers: ServerAccess? = nil,
        domains: [String]? = nil, databases: [String]? = nil, source: RuleSource
    ) {
        self.email = email
        self.name = name
        self.role = role
        self.isSuperAdmin = isSuperAdmin
        self.servers = servers
        self.domains = domains
        self.databases = databases
        self.source = source
    }
}

/// Where a rule was written, so that a verdict can say who decided.
package struct RuleSource: Sendable, Hashable, CustomStringConvertible {
    /// `users.yaml`, `store`, `built-in`.
    package let file: String
    /// From 1; 0 when the rule has no line.
    package let line: Int
    /// The path of keys: `roles.dba.denied_tools[2]`.
    package let key: String

    package init(file: String, line: Int, key: String) {
        self.file = file
        self.line = line
        self.key = key
    }

    /// A rule that the program itself holds.
    package static func builtIn(_ key: String) -> RuleSource { RuleSource(file: "built-in", line: 0, key: key) }

    package var description: String { line > 0 ? "\(file):\(line) \(key)" : "\(file) \(key)" }
}

/// Which servers a user may reach at all (step 6 of the verdict).
package enum ServerAccess: Sendable, Hashable {
    /// `"*"`: every server; it lifts none of the other steps.
    case all
    case listed([String: ServerGrant])
}

/// What a user may do on one listed server.
package enum ServerGrant: Sendable, Hashable {
    /// `"*"`, or `mode: all`.
    case all
    /// `mode: inherit`: the role decides, less what is denied here.
    case inherit(deny: [Glob])
    /// `mode: custom`: only these tools, less what is denied.
    case custom(tools: [Glob], deny: [Glob])
    /// A mode that nobody knows: denies, and is a configuration error.
    case unknown(mode: String)
}
