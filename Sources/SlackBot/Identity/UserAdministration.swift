import Analytics
import Bridge
import Foundation

/// Who may use Omni: the people whom users.yaml and `OMNI_ADMINS` name, who change there only, and those of the record
/// (decisions, section 2).
struct UserAdministration: Sendable {
    let store: Store
    let live: LiveSettings

    struct Member: Sendable, Hashable {
        /// nil: the store has no row of this user yet.
        var id: Int64?
        let email: String
        var name: String
        var role: String
        var slackUser: String?
        /// False: an administrator switched them off, whatever the files say.
        var isActive = true
        var isSuperAdmin = false
        var createdAt: Date?
        /// Where the role comes from.
        var source: RuleSource

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

    /// Why the role of a user was not changed.
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

    /// All users, by e-mail. Throws ``StoreError``.
    func members() async throws -> [Member] {
        var members: [String: Member] = [:]
        for row in try await store.users() { members[row.email] = member(row) }
        for entry in live.current.users.named {
            let email = entry.principal.email
            members[email] = members[email] ?? Self.member(entry)
        }
        return members.values.sorted { $0.email < $1.email }
    }

    /// The person of that e-mail, or of that number in the record. Throws ``StoreError``.
    func member(_ who: String) async throws -> Member? {
        let number = Int64(who)
        return try await members().first {
            $0.email == ConfiguredUsers.normalised(who) || (number != nil && $0.id == number)
        }
    }

    /// Adds a user, or changes the role of one that the store has. Throws ``Refused``, ``StoreError``.
    ///
    /// - Parameters:
    ///   - name: nil keeps the name that is known.
    ///   - actor: who does it, for the record of administrative acts.
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

    /// Gives a user that the store has another role. Throws ``Refused``, ``StoreError``.
    func setRole(_ role: String, of email: String, by actor: String) async throws -> Member {
        let email = ConfiguredUsers.normalised(email)
        try check(role: role, of: email)
        let known = try await store.user(email: email)
        guard let row = try await store.setRole(role, of: email) else { throw Refused.unknown(email) }
        try await note("user.role", row, before: known?.role, actor)
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
