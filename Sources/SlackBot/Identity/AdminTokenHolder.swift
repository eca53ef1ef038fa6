import Bridge

extension Principal {
    /// The built-in administrator for whom the side port acts when the admin token comes without a user: recorded under
    /// this name, which is no e-mail address, so that no user can have it.
    static let adminTokenHolder = Principal(
        email: "admin-token", name: "admin-token", role: Role.admin, source: .builtIn("admin-token"))
}
