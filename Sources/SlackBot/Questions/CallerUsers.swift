import Analytics
import Bridge

/// The users whom HTTP and the command line name by e-mail address.
struct CallerUsers: Sendable {
    let store: Store
    let live: LiveSettings

    /// The principal of an e-mail address: as the configuration names it, else with the role of its row. Throws
    /// ``UserDisabled`` when an administrator disabled the user, and ``StoreError`` when the store cannot be read.
    func principal(email: String) async throws -> Principal {
        let row = try await store.user(email: ConfiguredUsers.normalised(email))
        if let row, !row.isActive { throw UserDisabled() }
        return live.current.users.principal(email: email, name: row?.name, storeRole: row?.role)
    }
}
