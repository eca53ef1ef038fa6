import Analytics
import Bridge

/// Resolves the rights that the asker of a question has now: a right that was taken from a user, in the files or in
/// the store, must count for a question that is under way.
struct RightsNow: Sendable {
    let store: Store
    let live: LiveSettings

    /// nil when an administrator switched the person off.
    ///
    /// The e-mail is enough: who is named in users.yaml by a Slack id has that entry's e-mail as a principal. When the
    /// record cannot be read, the role that it gave the asker counts on; what the files say is known all the same.
    func of(_ asker: Principal) async -> Rights? {
        let storeRole: String?
        do {
            let row = try await store.user(email: asker.email)
            if let row, !row.isActive { return nil }
            // While the store is away, only those are known whom this process has met.
            storeRole = row?.role ?? (store.isAway ? asker.role : nil)
        } catch {
            storeRole = asker.role
        }
        let (settings, snapshot) = live.inForce
        let principal = settings.users.principal(email: asker.email, name: asker.name, storeRole: storeRole)
        return Rights(policy: snapshot.policy, principal: principal)
    }
}
