import Bridge

/// The sender of a request to the side port, as ``CallerMiddleware`` found it.
struct Caller: Sendable, Hashable {
    /// What proved who the caller is. API keys and the sessions of a browser are further cases.
    enum Authentication: String, Sendable, Hashable {
        case none
        case adminToken = "admin token"
    }

    /// A group of routes that a caller may use.
    enum Scope: String, Sendable, Hashable, CaseIterable {
        /// Metrics, the error texts of servers in `/health`, the description of the routes.
        case monitor
        case chat, tools, admin
    }

    let authentication: Authentication
    /// The user for whom the caller acts when a request names no other; nil without authentication.
    let principal: Principal?
    let scopes: Set<Scope>

    /// The actor in the log of administrative actions.
    var actor: String { authentication.rawValue }

    static func anonymous(scopes: Set<Scope> = []) -> Caller {
        Caller(authentication: .none, principal: nil, scopes: scopes)
    }

    static let adminToken = Caller(
        authentication: .adminToken, principal: .adminTokenHolder, scopes: Set(Scope.allCases))
}
