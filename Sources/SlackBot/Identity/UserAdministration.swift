import Analytics
import Bridge
import Foundation

/// The users of Omni: those that users.yaml and `OMNI_ADMINS` name, whose roles change there only, and those of the
/// store.
struct UserAdministration: Sendable {
    let store: Store
    let live: LiveSettings

    /// A user with the role in force.
    struct Member: Sendable, Hashable {
        /// Id of the row; nil for a configured user who has no row yet.
        var id: Int64?
        let email: String
        var name: String
        var role: String
        var slackUser: String?
        /// False when an administrator disabled the user; the configuration cannot override that.
        var isActive = true
        var isSuperAdmin = false
        var createdAt: Date?
        /// The source of the role.
        var source: RuleSource

        /// The member in responses of the admin API.
        var json: JSONValue {
            [
                "id": id.map { .int($0) } ?? .null, "email": .string(email), "name": .string(name),
                "role": .string(role), "slack_user_id": slackUser.map { .string($0) } ?? .null,
                "is_active": .bool(isActive), "is_super_admin": .bool(isSuperAdmin),
                "created_at": createdAt.map { .string(Timestamp.text($0)) } ?? .null,
                "source": .string("\(source)"),
            ]
        }
    }

    /// Why a role was not changed.
    enum Refused: Error, Sendable, Hashable, CustomStringConvertible {
        case undeclared(role: String, declared: [String])
        case named(email: String, RuleSource)
        case unknown(String)
        case taken(slackUser: String)

        var description: String {
            switch self {
            case .undeclared(let role, let declared):
                "the role \"\(role)\" is not declared; declared are \(declared.joined(separator: ", "))"
            case .named(let email, let source): "\(source) names \(email), so change it there"
            case .unknown(let who): "nobody is known as \(who)"
            case .taken(let slackUser): "the Slack id \(slackUser) belongs to somebody else"
            }
        }
    }

    /// All users, sorted by e-mail. Throws ``StoreError``.
    func members() async throws -> [Member] {
        var members: [String: Member] = [:]
        for row in try await store.users() { members[row.email] = member(row) }
        for entry in live.current.users.named {
            let email = entry.principal.email
            members[email] = members[email] ?? Self.member(entry)
        }
        return members.values.sorted { $0.email < $1.email }
    }

    /// The user of that e-mail, with that row id, or with that Slack id behind `@`. Throws ``StoreError``.
    func member(_ who: String) async throws -> Member? {
        let number = Int64(who)
        return try await members().first {
            $0.email == ConfiguredUsers.normalised(who) || (number != nil && $0.id == number)
                || $0.slackUser.map { "@\($0)" == who } ?? false
        }
    }

    /// Adds a user, or changes the role of one in the store. Throws ``Refused`` and ``StoreError``.
    ///
    /// - Parameters:
    ///   - slackUser: Slack id of the user; nil: unknown yet.
    ///   - name: nil keeps the name in the store.
    ///   - actor: the user who makes the change, for the administrative events.
    func add(email: String, role: String, slackUser: String?, name: String?, by actor: String) async throws -> Member {
        let email = ConfiguredUsers.normalised(email)
        try check(role: role, of: email)
        let known = try await store.user(email: email)
        let row: UserRow
        do {
            row = try await store.add(
                SeenUser(
                    team: live.current.slack.workspaceID ?? "", slackUserID: slackUser, email: email,
                    name: name ?? known?.name ?? email, role: role))
        } catch let error as StoreError where error.code == .constraint {
            throw slackUser.map { Refused.taken(slackUser: $0) } ?? error
        }
        try await note(known == nil ? "user.added" : "user.role", row, before: known?.role, actor)
        return member(row)
    }

    /// Changes the role of a user in the store. Throws ``Refused`` and ``StoreError``.
    func setRole(_ role: String, of email: String, by actor: String) async throws -> Member {
        let email = ConfiguredUsers.normalised(email)
        try check(role: role, of: email)
        let known = try await store.user(email: email)
        guard let row = try await store.setRole(role, of: email) else { throw Refused.unknown(email) }
        try await note("user.role", row, before: known?.role, actor)
        return member(row)
    }

    /// Disables or enables a user, also one whom users.yaml names. Throws ``Refused`` and ``StoreError``.
    func setActive(_ isActive: Bool, _ known: Member, by actor: String) async throws -> Member {
        if known.id == nil {
            // Only a row can be disabled, and users.yaml may name a user who has not asked yet.
            _ = try await store.add(
                SeenUser(
                    team: live.current.slack.workspaceID ?? "", slackUserID: known.slackUser, email: known.email,
                    name: known.name, role: known.role, isSuperAdmin: known.isSuperAdmin))
        }
        guard let row = try await store.setActive(isActive, known.email) else { throw Refused.unknown(known.email) }
        try await store.note(
            AdminEvent(actor: actor, action: isActive ? "user.enabled" : "user.disabled", subject: row.email))
        return member(row)
    }

    private func check(role: String, of email: String) throws {
        let settings = live.current
        if let named = settings.users.principal(email: email) { throw Refused.named(email: email, named.source) }
        let roles = settings.policy.roles
        guard roles[role] == nil else { return }
        throw Refused.undeclared(
            role: role,
            declared: roles.values.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }.map(\.name))
    }

    private func note(_ action: String, _ row: UserRow, before: String?, _ actor: String) async throws {
        let detail: JSONValue = ["role": .string(row.role), "before": before.map { .string($0) } ?? .null]
        try await store.note(AdminEvent(actor: actor, action: action, subject: row.email, detail: detail))
    }

    private func member(_ row: UserRow) -> Member {
        let principal = live.current.users.principal(email: row.email, name: row.name, storeRole: row.role)
        return Member(
            id: row.id, email: row.email, name: principal.name, role: principal.role, slackUser: row.slackUserID,
            isActive: row.isActive, isSuperAdmin: principal.isSuperAdmin, createdAt: row.createdAt,
            source: principal.source)
    }

    private static func member(_ entry: ConfiguredUsers.Entry) -> Member {
        let principal = entry.principal
        return Member(
            email: principal.email, name: principal.name, role: principal.role, slackUser: entry.slackUser,
            isSuperAdmin: principal.isSuperAdmin, source: principal.source)
    }
}
