import Analytics
import Bridge
import Logging

/// `/omni-admin`: lists users, changes their roles, disables and enables them, shows the audit log, reloads the
/// configuration. What a user may do of it are the permissions of the user's role; the audit log is for administrators.
/// Each change is an administrative event (``AdminEvent``) with the user as its actor.
struct SlackAdministration: Sendable {
    let users: UserAdministration
    let live: LiveSettings
    let reload: @Sendable (_ actor: String) async -> ReloadOutcome
    let logger: Logger

    /// Carries out one command and returns the answer. Never throws: errors are in the answer.
    func answer(_ text: String, to principal: Principal) async -> String {
        guard let action = AdminAction(text) else { return UserMessages.adminUsage }
        if let refusal = refusal(of: action, to: principal) { return refusal }
        do {
            return try await carryOut(action, for: principal)
        } catch let refused as UserAdministration.Refused {
            return UserMessages.notDone("\(refused)")
        } catch {
            logger.error("An administrative command failed.", metadata: ["error": "\(error)"])
            return UserMessages.notDone("the store cannot be used right now; please try again in a minute")
        }
    }

    /// Why the principal may not do it; nil when the principal may.
    private func refusal(of action: AdminAction, to principal: Principal) -> String? {
        let policy = live.snapshot.policy
        let role = policy.role(of: principal)
        switch action {
        case .reload: return role.canModifyConfiguration ? nil : UserMessages.needsPermission("can_modify_config")
        case .viewLogs: return policy.isAdmin(principal) ? nil : UserMessages.administratorsOnly
        case .list, .setRole, .setActive:
            return role.canManageUsers ? nil : UserMessages.needsPermission("can_manage_users")
        }
    }

    /// Throws ``UserAdministration/Refused`` and ``StoreError``.
    private func carryOut(_ action: AdminAction, for principal: Principal) async throws -> String {
        switch action {
        case .list(let role):
            return UserMessages.users(try await users.members().filter { role == nil || $0.role == role })
        case .setRole(let who, let role, let direction):
            return try await setRole(role, of: who, direction, by: principal)
        case .setActive(let who, let isActive):
            return try await setActive(isActive, who, by: principal)
        case .viewLogs(let who, let count): return try await auditLog(of: who, count, for: principal)
        case .reload: return UserMessages.reloaded(await reload(principal.email))
        }
    }

    /// A role above the principal's own is neither given nor taken.
    private func setRole(
        _ wanted: String?, of who: String, _ direction: AdminAction.Direction?, by principal: Principal
    ) async throws -> String {
        let (settings, snapshot) = live.inForce
        let policy = snapshot.policy
        let role = wanted ?? settings.users.fallback.role
        let member = try await known(who)
        guard [role, member.role].allSatisfy({ policy.rules.roles[$0] == nil || policy.hasRank(of: $0, principal) })
        else { return UserMessages.notDone("that role is above yours") }
        if member.role == role { return UserMessages.roleUnchanged(member) }
        let isUp = policy.rules.role(named: role).rank > policy.rules.role(named: member.role).rank
        if policy.rules.roles[role] != nil, let direction, (direction == .up) != isUp {
            return UserMessages.notDone(
                "\(role) is \(isUp ? "above" : "not above") \(member.role), the role of \(member.email)")
        }
        let changed = try await users.setRole(role, of: member.email, by: principal.email)
        return UserMessages.roleChanged(changed, before: member.role)
    }

    /// A user cannot be disabled by themselves, so that an administrator is left, or by one of a lower role.
    private func setActive(_ isActive: Bool, _ who: String, by principal: Principal) async throws -> String {
        let policy = live.snapshot.policy
        let member = try await known(who)
        if member.email == principal.email { return UserMessages.notDone("that is you") }
        let role = member.isSuperAdmin ? Role.admin : member.role
        guard policy.rules.roles[role] == nil || policy.hasRank(of: role, principal) else {
            return UserMessages.notDone("the role of \(member.email) is above yours")
        }
        if member.isActive == isActive { return UserMessages.activityUnchanged(member) }
        return UserMessages.activityChanged(try await users.setActive(isActive, member, by: principal.email))
    }

    /// The newest rows, of one user if named. Who has read whose questions is an administrative event too.
    private func auditLog(of who: String?, _ count: Int, for principal: Principal) async throws -> String {
        var user = who
        if let who, let member = try await users.member(who) { user = member.email }
        let rows = try await users.store.recent(AuditFilter(user: user), limit: count)
        try await users.store.note(
            AdminEvent(
                actor: principal.email, action: "audit.viewed", subject: user, detail: ["rows": .int(Int64(rows.count))]
            ))
        let votes = try await users.store.feedback(on: rows.compactMap { $0.questionID.flatMap { ULID($0) } })
        return UserMessages.auditLog(rows, votes)
    }

    private func known(_ who: String) async throws -> UserAdministration.Member {
        guard let member = try await users.member(who) else { throw UserAdministration.Refused.unknown(who) }
        return member
    }
}
