/// A user after identity mapping: this module identifies users by e-mail and role, never by a Slack id.
package struct Principal: Sendable, Hashable {
    /// Lower-cased; `u123@slack.invalid` when the workspace has none for the user.
    package let email: String
    package let name: String
    /// The name of a declared role.
    package let role: String
    /// Lifts step 1 of the verdict and counts as the role admin.
    package let isSuperAdmin: Bool
    /// The user's own `allowed_mcps`; nil when the user has none, so that the role and `default_user` decide.
    package let servers: ServerAccess?
    /// `allowed_domains`: topics that may be answered without tools; nil, an empty list or `*` allows every topic.
    package let domains: [String]?
    /// `allowed_databases`; nil or `*` restricts nothing.
    package let databases: [String]?
    /// Where the user is declared, for the rule of a verdict.
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

/// Where a rule is written, so that a verdict can name it.
package struct RuleSource: Sendable, Hashable, CustomStringConvertible {
    /// The file's name, `store` or `built-in`.
    package let file: String
    /// The line, from 1; 0 when the rule has none.
    package let line: Int
    /// The path of keys: `roles.dba.denied_tools[2]`.
    package let key: String

    package init(file: String, line: Int, key: String) {
        self.file = file
        self.line = line
        self.key = key
    }

    /// A rule that is part of the program.
    package static func builtIn(_ key: String) -> RuleSource { RuleSource(file: "built-in", line: 0, key: key) }

    package var description: String { line > 0 ? "\(file):\(line) \(key)" : "\(file) \(key)" }
}

/// The servers that a user may use (step 6 of the verdict).
package enum ServerAccess: Sendable, Hashable {
    /// `"*"`: every server. The other steps still apply.
    case all
    /// The named servers only.
    case listed([String: ServerGrant])
}

/// What a user may do on one listed server.
package enum ServerGrant: Sendable, Hashable {
    /// `"*"`, or `mode: all`.
    case all
    /// `mode: inherit`: what the role allows, except the tools that are denied here.
    case inherit(deny: [Glob])
    /// `mode: custom`: only these tools, except those that are denied.
    case custom(tools: [Glob], deny: [Glob])
    /// An unknown mode: denies every tool, and is a configuration error.
    case unknown(mode: String)
}
