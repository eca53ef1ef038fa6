/// The server's decision on an upgrade request.
package enum UpgradeDecision: Sendable, Equatable {
    /// Completes the upgrade with status 101.
    case accept
    /// Responds with this HTTP status, 400 to 599 (any other becomes 403), and closes the connection.
    case refuse(Int)
}
