import Bridge

/// The users that users.yaml and `OMNI_ADMINS` name, and the defaults for all others.
///
/// users.yaml is authoritative for the users it names; the store for the others.
struct ConfiguredUsers: Sendable {
    private let byEmail: [String: Principal]
    private let bySlackUser: [String: Principal]
    /// Lower-cased e-mails of `OMNI_ADMINS`.
    private let admins: Set<String>
    private let workspace: String?
    let fallback: Fallback

    /// The role and domains of a user whom the files do not name: `default_user`.
    struct Fallback: Sendable, Hashable {
        var role = "read_only"
        /// nil allows every topic.
        var domains: [String]?
        var source = RuleSource.builtIn("default_user")
    }

    /// A user of users.yaml.
    struct Entry: Sendable, Hashable {
        let principal: Principal
        let slackUser: String?
    }

    /// - Parameters:
    ///   - admins: e-mails of users who are administrators whatever the entries say.
    ///   - workspace: the team to which the entries' Slack ids belong; nil: any.
    init(
        entries: [Entry] = [], fallback: Fallback = Fallback(), admins: [String] = [], workspace: String? = nil
    ) {
        let admins = Set(admins.map(Self.normalised).filter { !$0.isEmpty })
        var byEmail: [String: Principal] = [:]
        var bySlackUser: [String: Principal] = [:]
        for entry in entries {
            let own = entry.principal
            let principal = admins.contains(own.email) ? Self.administrator(own.email, name: own.name, like: own) : own
            byEmail[principal.email] = principal
            if let slackUser = entry.slackUser { bySlackUser[slackUser] = principal }
        }
        self.byEmail = byEmail
        self.bySlackUser = bySlackUser
        self.admins = admins
        self.workspace = workspace
        self.fallback = fallback
    }

    /// The named user with this Slack id; nil when the files name none, or the team is another one.
    func principal(slackUser: String, team: String?) -> Principal? {
        if let workspace, let team, workspace != team { return nil }
        return bySlackUser[slackUser]
    }

    /// The named user with this e-mail, in any case of letters; nil when neither the files nor `OMNI_ADMINS` name one.
    func principal(email: String) -> Principal? {
        let email = Self.normalised(email)
        if let named = byEmail[email] { return named }
        return admins.contains(email) ? Self.administrator(email, name: email, like: nil) : nil
    }

    /// All users that the files or `OMNI_ADMINS` name, sorted by e-mail.
    var named: [Entry] {
        let slackUsers = Dictionary(
            bySlackUser.map { ($0.value.email, $0.key) }, uniquingKeysWith: { first, second in min(first, second) })
        let emails = Set(byEmail.keys).union(admins).sorted()
        return emails.compactMap { email in
            principal(email: email).map { Entry(principal: $0, slackUser: slackUsers[email]) }
        }
    }

    /// Any user: the named one, else one with the store's role, else one with the role of `default_user`.
    func principal(email: String, name: String?, storeRole: String?) -> Principal {
        let email = Self.normalised(email)
        let name = name.flatMap { $0.isEmpty ? nil : $0 } ?? email
        if let named = principal(email: email) {
            return named.name == named.email ? named.renamed(name) : named
        }
        let source = storeRole == nil ? fallback.source : RuleSource(file: "store", line: 0, key: "users.role")
        return Principal(
            email: email, name: name, role: storeRole ?? fallback.role, domains: fallback.domains, source: source)
    }

    /// The form in which e-mails are compared: lower case, without space around.
    static func normalised(_ email: String) -> String { email.lowercased().trimmingSpace }

    private static func administrator(_ email: String, name: String, like own: Principal?) -> Principal {
        Principal(
            email: email, name: name, role: Role.admin, isSuperAdmin: own?.isSuperAdmin ?? false, servers: nil,
            domains: own?.domains, databases: own?.databases,
            source: RuleSource(file: "environment", line: 0, key: "OMNI_ADMINS"))
    }
}

extension Principal {
    fileprivate func renamed(_ name: String) -> Principal {
        Principal(
            email: email, name: name, role: role, isSuperAdmin: isSuperAdmin, servers: servers, domains: domains,
            databases: databases, source: source)
    }
}
