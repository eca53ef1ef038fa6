import Analytics
import Bridge
import Logging

/// `/omni-admin`: lists users, changes their roles, reloads the configuration. What a user may do of it are the
/// permissions of the user's role.
struct SlackAdministration: Sendable {
    let users: UserAdministration
    let live: LiveSettings
    let reload: @Sendable (_ actor: String) async -> ReloadOutcome
    let logger: Logger

    /// Carries out one command and returns the answer. Never throws: errors are in the answer.
    func answer(_ text: String, to principal: Principal) async -> String {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        let role = live.snapshot.policy.role(of: principal)
        do {
            switch (words.first ?? "", words.count) {
            case ("list-users", 1...2):
                guard role.canManageUsers else { return UserMessages.needsPermission("can_manage_users") }
                let members = try await users.members()
                return UserMessages.users(members.filter { words.count == 1 || $0.role == words[1] })
            case ("promote-user", 3), ("set-role", 3):
                guard role.canManageUsers else { return UserMessages.needsPermission("can_manage_users") }
                return try await setRole(words[2], of: words[1], by: principal)
            case ("reload-config", 1):
                guard role.canModifyConfiguration else { return UserMessages.needsPermission("can_modify_config") }
                return UserMessages.reloaded(await reload(principal.email))
            default: return UserMessages.adminUsage
            }
        } catch let refused as UserAdministration.Refused {
            return UserMessages.notDone("\(refused)")
        } catch {
            logger.error("An administrative command failed.", metadata: ["error": "\(error)"])
            return UserMessages.notDone("the store cannot be used right now")
        }
    }

    /// A role above the principal's own is neither given nor taken. Throws ``UserAdministration/Refused`` and
    /// ``StoreError``.
    private func setRole(_ role: String, of who: String, by principal: Principal) async throws -> String {
        guard let member = try await users.member(who) else { throw UserAdministration.Refused.unknown(who) }
        let policy = live.snapshot.policy
        guard [role, member.role].allSatisfy({ policy.rules.roles[$0] == nil || policy.hasRank(of: $0, principal) })
        else { return UserMessages.notDone("that role is above yours") }
        return UserMessages.roleChanged(try await users.setRole(role, of: member.email, by: principal.email))
    }
}
