import Analytics
import Bridge

/// Looks up the rights that an asker has now: a right that was revoked in the files or in the store applies to a
/// question in flight too.
struct RightsNow: Sendable {
    let store: Store
    let live: LiveSettings

    /// nil when an administrator disabled the user.
    ///
    /// The e-mail is enough: a user whom users.yaml names by Slack id has that entry's e-mail in the principal. When
    /// the store cannot be read, the asker's role from the store still applies, with the files as they are now.
    func of(_ asker: Principal) async -> Rights? {
        if asker == .adminTokenHolder { return Rights(policy: live.snapshot.policy, principal: asker) }
        let storeRole: String?
        do {
            let row = try await store.user(email: asker.email)
            if let row, !row.isActive { return nil }
            // While the store is unavailable it has only the users that this process has seen.
            storeRole = row?.role ?? (store.isAway ? asker.role : nil)
        } catch {
            storeRole = asker.role
        }
        let (settings, snapshot) = live.inForce
        let principal = settings.users.principal(email: asker.email, name: asker.name, storeRole: storeRole)
        return Rights(policy: snapshot.policy, principal: principal)
    }
}
